import { setTimeout as pause } from 'node:timers/promises';
import { startSystem } from '../system/start-system.ts';
import { checkOutput } from './check-output.ts';
import { openClient, type BenchClient } from './client.ts';
import { type MemoryFigures, medianOf, type ProcessFigures, thirdOf } from './figures.ts';
import { type Stretch, watchMemory } from './watch-memory.ts';

/** How many jobs are graded. */
export type MemoryScale = { name: string; jobs: number; warmUp: number };

/** The sizes by name: `full` is what the goals are about, `tiny` shows that it runs. */
export const SCALES = {
  full: { name: 'full', jobs: 10_000, warmUp: 500 },
  quick: { name: 'quick', jobs: 300, warmUp: 60 },
  tiny: { name: 'tiny', jobs: 12, warmUp: 4 },
} as const satisfies Record<string, MemoryScale>;

const SLOTS = 2;
/** Jobs that are known to Orca at once, so that the worker never waits for one. */
const OUTSTANDING = 12;
const IDLE_MS = 3_000;
const SECOND_MS = 1_000;
const FILE_BYTES = 128 * 2 ** 20;
const OUTPUT_BYTES = 100_000_000;
/** Of the files that each job has: one that all share, and one of its own. */
const SHARED_BYTES = 1_000_000;
const OWN_BYTES = 20_000;

/** Grades small jobs as fast as one worker can, then one with a large file and one with a large output. */
export async function benchMemory(
  scale: MemoryScale,
  folder: string,
  say: (line: string) => void,
): Promise<MemoryFigures> {
  await using opened = new AsyncDisposableStack();
  const { api, server, ...system } = opened.use(await startSystem(folder, say));
  const client = opened.use(await openClient(api.put));
  const builder = await system.startImageBuilder();
  const worker = await system.startWorker({ ORCA_CONCURRENCY: String(SLOTS) });
  const pids = { server: server.pid, 'image builder': builder.pid, worker: worker.pid };
  const watch = opened.use(watchMemory(pids));
  await pause(IDLE_MS);
  const idle = await watch.take();
  say(`${scale.warmUp} jobs to warm up, and ${scale.jobs} to measure`);
  await gradeMany(client, 'warm-up', scale.warmUp);
  const warm = await watch.take();
  const beganMs = performance.now();
  await gradeMany(client, 'job', scale.jobs);
  const jobsPerSecond = (scale.jobs * SECOND_MS) / (performance.now() - beganMs);
  const jobs = await watch.take();
  say('A file of 128 MiB, and an output of 100 MB');
  await gradeLarge(client);
  const file = await watch.take();
  const printed = await client.grade('output', `head -c ${OUTPUT_BYTES} /dev/zero | tr '\\0' x`);
  checkOutput(printed, OUTPUT_BYTES);
  const output = await watch.take();

  const processes = Object.keys(pids).map((name): ProcessFigures => {
    const of = (taken: Record<string, Stretch>): Stretch => taken[name] ?? { looks: [], most: 0 };
    return {
      name,
      idle: medianOf(of(idle).looks),
      early: medianOf(thirdOf(of(jobs).looks, 'first')),
      late: medianOf(thirdOf(of(jobs).looks, 'last')),
      most: Math.max(...[idle, warm, jobs, file, output].map((taken) => of(taken).most)),
      beforeFile: of(jobs).looks.at(-1) ?? 0,
      file: of(file).most,
      beforeOutput: of(file).looks.at(-1) ?? 0,
      output: of(output).most,
    };
  });
  return { scale: scale.name, jobs: scale.jobs, jobsPerSecond, processes };
}

async function gradeMany(client: BenchClient, name: string, count: number): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let number = next++; number < count; number = next++) {
      const files = { shared: SHARED_BYTES, [`own ${name} ${number}`.replaceAll(' ', '-')]: OWN_BYTES };
      const output = await client.grade(`${name} ${number}`, 'wc -c $EXTRACTED/shared/shared', files);
      if (!output.startsWith(String(SHARED_BYTES)))
        throw new Error(`Cannot measure: a job printed "${output}"`);
    }
  };
  await Promise.all(Array.from({ length: OUTSTANDING }, lane));
}

async function gradeLarge(client: BenchClient): Promise<void> {
  const output = await client.grade('file', 'wc -c $EXTRACTED/large/large', { large: FILE_BYTES });
  if (!output.startsWith(String(FILE_BYTES)))
    throw new Error(`Cannot measure: the large file has ${output} bytes`);
}
