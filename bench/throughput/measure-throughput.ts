import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { loadEnvironment } from '@orca/daemon';
import { connectEngine, inspectImage } from '@orca/docker';
import { createDockerSandbox, type Sandbox, type SandboxJob } from '@orca/grading';
import { DEFAULT_LIMITS, flattenScript } from '@orca/protocol';
import { type CourseSite, startCourseSite } from '../system/course-site.ts';
import { BASE_IMAGE } from '../system/provide-image.ts';
import { type BenchedSystem, startSystem } from '../system/start-system.ts';
import { trivialJob } from '../system/trivial-job.ts';
import { type CpuPids, type CpuUse, cpuUseBetween, readCpuUse } from './cpu-use.ts';

/** How much is measured. */
export interface ThroughputScale {
  readonly rounds: number;
  /** Jobs of one rate, and containers of the other. */
  readonly jobs: number;
  /** As many of both before the time is taken, in each round: what was started ahead while a side rested is no part of its rate. */
  readonly warmUp: number;
  /** As many of both before the first round: neither is what a process compiles when it starts. */
  readonly firstWarmUp: number;
}

/** How one side did in one round. */
export interface Pace {
  /** Jobs a second. */
  readonly rate: number;
  /** For each job. */
  readonly cpu: CpuUse;
}

/** One entry for each round. */
export interface ThroughputFigures {
  /** One worker, with as many slots as the machine has cores. */
  readonly orca: readonly Pace[];
  /** The same create request and harness, running the same two commands, and nothing else: as many at once. */
  readonly bare: readonly Pace[];
}

const SLOTS = availableParallelism();
const SECOND_MS = 1_000;

/** Measures both in each round, each first in every other one: short ones, since a machine changes its pace within minutes. */
export async function measureThroughput(
  { rounds, jobs, warmUp, firstWarmUp }: ThroughputScale,
  folder: string,
  say: (line: string) => void,
): Promise<ThroughputFigures> {
  await mkdir(folder, { recursive: true });
  await using site = await startCourseSite();
  await using system = await startSystem(folder, say);
  const engine = await connectEngine(loadEnvironment()['DOCKER_HOST']);
  const image = await inspectImage(engine, BASE_IMAGE);
  if (image === null)
    throw new Error(`Cannot measure: the engine has no "${BASE_IMAGE}"; "./orca demo" makes it`);
  const ids = { installationId: `bench-${process.pid}`, workerId: 'bench' };
  await using sandbox = await createDockerSandbox({ engine, ...ids });
  await using worker = await system.startWorker({ ORCA_CONCURRENCY: String(SLOTS) });
  const pids = { worker: worker.pid, server: system.server.pid, postgres: system.postgres.pid };
  const gradeJobs = createJobRun({ system, site });
  const runContainers = createContainerRun(sandbox, image.id);
  const orca: Pace[] = [];
  const bare: Pace[] = [];
  say(`throughput: warming up, ${firstWarmUp} jobs`);
  for (const run of [gradeJobs, runContainers]) await run(firstWarmUp, () => undefined);
  for (let round = 0; round < rounds; round += 1) {
    say(`throughput: round ${round + 1} of ${rounds}, ${jobs} jobs`);
    const sides = [
      { run: gradeJobs, paces: orca },
      { run: runContainers, paces: bare },
    ];
    for (const { run, paces } of round % 2 === 0 ? sides : sides.toReversed()) {
      const meter = startMeter({ warmUp, jobs }, pids);
      await run(warmUp + jobs, meter.noteEnd);
      paces.push(meter.pace());
    }
  }
  return { orca, bare };
}

/** Takes so many to their end, and tells of each. */
type Run = (count: number, onEnd: () => void) => Promise<void>;

function createJobRun({ system, site }: { system: BenchedSystem; site: CourseSite }): Run {
  let number = 0;
  return async (count, onEnd) => {
    const keys = Array.from({ length: count }, () => `job ${number++}`);
    // All at once: they wait before the time is taken.
    await Promise.all(keys.map((key) => system.api.put(trivialJob(key, site.url))));
    const gradeOne = async (key: string): Promise<void> => {
      const { errors } = await site.resultOf(key);
      if (errors.length > 0) throw new Error(`Cannot measure: a job failed, ${errors[0]}`);
      onEnd();
    };
    await Promise.all(keys.map(gradeOne));
  };
}

function createContainerRun(sandbox: Sandbox, imageId: string): Run {
  const job: SandboxJob = {
    steps: flattenScript([
      { cmd: ['true'], on_complete: 'next' },
      { cmd: ['echo', 'hello'], on_complete: 'output' },
    ]),
    ...{ imageId, limits: DEFAULT_LIMITS, network: 'none', files: [] },
  };
  const never = new AbortController().signal;
  return async (count, onEnd) => {
    let left = count;
    const runAll = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const { ending } = await sandbox.run(job, () => undefined, never);
        if (ending.kind !== 'output')
          throw new Error(`Cannot measure: a container ended with "${ending.kind}"`);
        onEnd();
      }
    };
    await Promise.all(Array.from({ length: SLOTS }, runAll));
  };
}

/** Takes the time and the processors' from the end of the warm-up to the last end. */
function startMeter(
  { warmUp, jobs }: Pick<ThroughputScale, 'warmUp' | 'jobs'>,
  pids: CpuPids,
): { noteEnd: () => void; pace: () => Pace } {
  const look = () => ({ atMs: performance.now(), cpu: readCpuUse(pids) });
  let ended = 0;
  let first = look();
  let last = first;
  return {
    noteEnd() {
      ended += 1;
      if (ended === warmUp) first = look();
      if (ended === warmUp + jobs) last = look();
    },
    pace: () => ({
      rate: (jobs * SECOND_MS) / (last.atMs - first.atMs),
      cpu: cpuUseBetween(first.cpu, last.cpu, jobs),
    }),
  };
}

/** For what is said of the figures. */
export const THROUGHPUT_SLOTS: number = SLOTS;
