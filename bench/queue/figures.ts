const SECOND_MS = 1_000;

/** What was done for a rate. */
export type Work =
  | { kind: 'enqueue' }
  /** With at least so many jobs left in line. */
  | { kind: 'run'; waiting: number };

/** The rates that one contender reached. */
export type Series = {
  work: Work;
  name: string;
  /** Jobs a second, one for each round. */
  rates: number[];
};

/** What a claim cost with so many jobs waiting. */
export type ClaimTimes = {
  waiting: number;
  /** The median of each round, in milliseconds. */
  medians: number[];
};

/** All that was measured. */
export type QueueFigures = { scale: string; series: Series[]; claims: ClaimTimes[] };

/** The middle of some numbers and their extremes. */
export type Spread = { median: number; min: number; max: number };

/** @throws {RangeError} when there is no number */
export function spreadOf(numbers: readonly number[]): Spread {
  const sorted = numbers.toSorted((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined || min === undefined || max === undefined)
    throw new RangeError('Cannot take the median: nothing was measured');
  return { median: (low + high) / 2, min, max };
}

/** One number through another, round by round: what disturbs a round disturbs both. */
export function ratioOf(numbers: readonly number[], others: readonly number[]): Spread {
  return spreadOf(numbers.map((number, round) => number / (others[round] ?? Number.NaN)));
}

/** @throws {RangeError} when it was not measured */
export function seriesOf({ series }: QueueFigures, work: Work, name: string): Series {
  const found = series.find((one) => one.name === name && isSameWork(one.work, work));
  if (found === undefined) throw new RangeError(`Cannot compare with "${name}": it was not measured`);
  return found;
}

/** Whether two rates may be compared. */
export function isSameWork(one: Work, other: Work): boolean {
  if (one.kind === 'run') return other.kind === 'run' && one.waiting === other.waiting;
  return other.kind === one.kind;
}

/** A rate from milliseconds. */
export function perSecond(count: number, ms: number): number {
  return (count * SECOND_MS) / ms;
}

/** In each round another one comes first: who comes first finds the machine as the last one left it. */
export function rotated<T>(all: readonly T[], round: number): T[] {
  const first = round % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}
