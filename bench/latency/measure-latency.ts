import { setTimeout as sleep } from 'node:timers/promises';
import { type CourseSite, startCourseSite } from '../system/course-site.ts';
import { type BenchedSystem, startSystem } from '../system/start-system.ts';
import { trivialJob } from '../system/trivial-job.ts';
import { runBare } from './bare-run.ts';

/** How much is measured. */
export interface LatencyScale {
  readonly name: string;
  readonly rounds: number;
  /** Before the time is taken. */
  readonly warmUp: number;
}

/** All that was measured, in milliseconds; one number for each round. */
export interface LatencyFigures {
  /** From the moment before the PUT to the end of the result's POST. */
  readonly orca: readonly number[];
  /** `docker run --rm --network none … true`. */
  readonly bare: readonly number[];
  /** By the name of the phase, as the results say. */
  readonly phases: Readonly<Record<string, readonly number[]>>;
}

/** Between two jobs the system comes to rest, as it is when one student sends one. */
const REST_MS = 1_500;

/** Measures one trivial job at a time, and in each round a bare container, each first in every other round. */
export async function measureLatency(
  scale: LatencyScale,
  folder: string,
  say: (line: string) => void,
): Promise<LatencyFigures> {
  await using site = await startCourseSite();
  await using system = await startSystem(folder, say);
  await using _worker = await system.startWorker({});
  say(`latency: ${scale.warmUp} rounds to warm up, then ${scale.rounds}`);
  for (let round = 0; round < scale.warmUp; round += 1)
    await measureRound({ system, site }, `warm-up ${round}`, round);
  const rounds: Round[] = [];
  for (let round = 0; round < scale.rounds; round += 1)
    rounds.push(await measureRound({ system, site }, `job ${round}`, round));
  const names = Object.keys(rounds[0]?.timings ?? {});
  return {
    orca: rounds.map(({ orcaMs }) => orcaMs),
    bare: rounds.map(({ bareMs }) => bareMs),
    phases: Object.fromEntries(names.map((name) => [name, rounds.map(({ timings }) => timings[name] ?? 0)])),
  };
}

interface Round {
  readonly orcaMs: number;
  readonly bareMs: number;
  readonly timings: Readonly<Record<string, number>>;
}

async function measureRound(
  { system, site }: { system: BenchedSystem; site: CourseSite },
  key: string,
  round: number,
): Promise<Round> {
  const isBareFirst = round % 2 === 0;
  await sleep(REST_MS);
  let bareMs = isBareFirst ? await runBare() : 0;
  await sleep(REST_MS);
  const beganMs = performance.now();
  const [{ atMs, timings, errors }] = await Promise.all([
    site.resultOf(key),
    system.api.put(trivialJob(key, site.url)),
  ]);
  if (errors.length > 0) throw new Error(`Cannot measure "${key}": ${errors[0]}`);
  if (!isBareFirst) {
    await sleep(REST_MS);
    bareMs = await runBare();
  }
  return { orcaMs: atMs - beganMs, bareMs, timings };
}
