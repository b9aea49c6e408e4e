/** The usual and the unusual of some times. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/**
 * By the nearest rank.
 *
 * @throws {RangeError} when there is no number
 */
export function percentilesOf(numbers: readonly number[]): Percentiles {
  const sorted = numbers.toSorted((one, other) => one - other);
  const at = (share: number): number => {
    const number = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
    if (number === undefined) throw new RangeError('Cannot take a percentile: nothing was measured');
    return number;
  };
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}
