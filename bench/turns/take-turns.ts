import { ratioOf } from '../queue/figures.ts';
import { type CpuPids, type CpuUse, cpuUseBetween, readCpuUse } from './cpu-use.ts';

/** How much is measured. */
export interface TurnScale {
  readonly rounds: number;
  /** Jobs of one rate, and containers of the other. */
  readonly jobs: number;
  /** As many of both before the time is taken, in each round: what was started ahead while a side rested is none of its rate. */
  readonly warmUp: number;
  /** As many of both before the first round: neither is what a process compiles when it starts. */
  readonly firstWarmUp: number;
}

/** Takes so many to their end, and tells of each. */
export type Run = (count: number, onEnd: () => void) => Promise<void>;

/** How one side did in one round. */
export interface Pace {
  /** Jobs a second. */
  readonly rate: number;
  /** For each job. */
  readonly cpu: CpuUse;
}

/** One entry for each round. */
export interface TurnFigures {
  readonly orca: readonly Pace[];
  readonly bare: readonly Pace[];
}

/** What taking turns needs; `pids`: whose time of the processors is told apart. */
export interface TurnDeps {
  readonly pids: CpuPids;
  readonly say: (line: string) => void;
  readonly nowMs?: () => number;
}

const SECOND_MS = 1_000;

/**
 * Measures both sides in each round, each first in every other one: short ones, since a machine changes its pace within
 * minutes.
 */
export async function takeTurns(
  sides: { readonly orca: Run; readonly bare: Run },
  { rounds, jobs, warmUp, firstWarmUp }: TurnScale,
  { pids, say, nowMs = () => performance.now() }: TurnDeps,
): Promise<TurnFigures> {
  const orca: Pace[] = [];
  const bare: Pace[] = [];
  say(`warming up, ${firstWarmUp} jobs`);
  for (const run of [sides.orca, sides.bare]) await run(firstWarmUp, () => undefined);
  for (let round = 0; round < rounds; round += 1) {
    say(`round ${round + 1} of ${rounds}, ${jobs} jobs`);
    const both = [
      { run: sides.orca, paces: orca },
      { run: sides.bare, paces: bare },
    ];
    for (const { run, paces } of round % 2 === 0 ? both : both.toReversed()) {
      const meter = startMeter({ warmUp, jobs }, { pids, nowMs });
      await run(warmUp + jobs, meter.noteEnd);
      paces.push(meter.pace());
    }
  }
  return { orca, bare };
}

/** How fast one side was next to the other, round by round: what disturbs a round disturbs both. @returns the median */
export function rateRatio(one: readonly Pace[], other: readonly Pace[]): number {
  const ratesOf = (paces: readonly Pace[]): number[] => paces.map(({ rate }) => rate);
  return ratioOf(ratesOf(one), ratesOf(other)).median;
}

/** Does something so often, so many at once. */
export async function inLanes(
  count: number,
  lanes: number,
  runOne: (number: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const runLane = async (): Promise<void> => {
    for (let number = next++; number < count; number = next++) await runOne(number);
  };
  await Promise.all(Array.from({ length: lanes }, runLane));
}

/** Takes the time and the processors' from the end of the warm-up to the last end. */
function startMeter(
  { warmUp, jobs }: Pick<TurnScale, 'warmUp' | 'jobs'>,
  { pids, nowMs }: { readonly pids: CpuPids; readonly nowMs: () => number },
): { noteEnd: () => void; pace: () => Pace } {
  const look = () => ({ atMs: nowMs(), cpu: readCpuUse(pids) });
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
