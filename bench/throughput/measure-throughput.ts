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

/** How much is measured. */
export interface ThroughputScale {
  readonly rounds: number;
  /** Jobs of one rate, and containers of the other. */
  readonly jobs: number;
  /** As many of both before the time is taken: what a process compiles when it starts is no part of its rate. */
  readonly warmUp: number;
}

/** Jobs a second; one number for each round. */
export interface ThroughputFigures {
  /** One worker, with as many slots as the machine has cores. */
  readonly orca: readonly number[];
  /** The same create request and harness, running the same two commands, and nothing else: as many at once. */
  readonly bare: readonly number[];
}

const SLOTS = availableParallelism();
const SECOND_MS = 1_000;

/** Measures both in each round, each first in every other one. */
export async function measureThroughput(
  { rounds, jobs, warmUp }: ThroughputScale,
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
  const orca: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    say(`throughput: round ${round + 1} of ${rounds}, ${jobs} jobs`);
    const rateOf = (ends: readonly number[]): number => rateBetween(ends.slice(warmUp));
    const count = warmUp + jobs;
    const runs = [
      async () => orca.push(rateOf(await gradeJobs({ system, site }, count, round))),
      async () => bare.push(rateOf(await runContainers(sandbox, image.id, count))),
    ];
    for (const run of round % 2 === 0 ? runs : runs.toReversed()) await run();
  }
  return { orca, bare };
}

/** All jobs wait when the worker starts. @returns when each result came, by `performance.now()`, in order */
async function gradeJobs(
  { system, site }: { system: BenchedSystem; site: CourseSite },
  count: number,
  round: number,
): Promise<number[]> {
  const keys = Array.from({ length: count }, (_, number) => `round ${round}, job ${number}`);
  for (const key of keys) await system.api.put(trivialJob(key, site.url));
  const results = keys.map((key) => site.resultOf(key));
  await using _worker = await system.startWorker({ ORCA_CONCURRENCY: String(SLOTS) });
  const ended = await Promise.all(results);
  const failed = ended.find(({ errors }) => errors.length > 0);
  if (failed !== undefined) throw new Error(`Cannot measure: a job failed, ${failed.errors[0]}`);
  return ended.map(({ atMs }) => atMs).toSorted((one, other) => one - other);
}

/** @returns when each ended, by `performance.now()`, in order */
async function runContainers(sandbox: Sandbox, imageId: string, count: number): Promise<number[]> {
  const job: SandboxJob = {
    steps: flattenScript([
      { cmd: ['true'], on_complete: 'next' },
      { cmd: ['echo', 'hello'], on_complete: 'output' },
    ]),
    ...{ imageId, limits: DEFAULT_LIMITS, network: 'none', files: [] },
  };
  const never = new AbortController().signal;
  const ends: number[] = [];
  let left = count;
  const runAll = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { ending } = await sandbox.run(job, () => undefined, never);
      if (ending.kind !== 'output')
        throw new Error(`Cannot measure: a container ended with "${ending.kind}"`);
      ends.push(performance.now());
    }
  };
  await Promise.all(Array.from({ length: SLOTS }, runAll));
  return ends;
}

/** How many a second came after the first of them. @param moments in order */
function rateBetween(moments: readonly number[]): number {
  return ((moments.length - 1) * SECOND_MS) / ((moments.at(-1) ?? 0) - (moments[0] ?? 0));
}

/** For what is said of the figures. */
export const THROUGHPUT_SLOTS: number = SLOTS;
