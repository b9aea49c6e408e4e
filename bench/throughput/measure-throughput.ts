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
import { inLanes, type Run, type TurnFigures, type TurnScale, takeTurns } from '../turns/take-turns.ts';

const SLOTS = availableParallelism();

/**
 * Measures one worker, with as many slots as the machine has cores, next to the same create request and harness, running the
 * same two commands, and nothing else: as many at once.
 */
export async function measureThroughput(
  scale: TurnScale,
  folder: string,
  say: (line: string) => void,
): Promise<TurnFigures> {
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
  const sides = { orca: createJobRun({ system, site }), bare: createContainerRun(sandbox, image.id) };
  return await takeTurns(sides, scale, { pids, say: (line) => say(`throughput: ${line}`) });
}

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
  return async (count, onEnd) =>
    await inLanes(count, SLOTS, async () => {
      const { ending } = await sandbox.run(job, () => undefined, never);
      if (ending.kind !== 'output')
        throw new Error(`Cannot measure: a container ended with "${ending.kind}"`);
      onEnd();
    });
}

/** For what is said of the figures. */
export const THROUGHPUT_SLOTS: number = SLOTS;
