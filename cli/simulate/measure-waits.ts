import type { Simulated } from '@orca/database/simulation';

/** The middle and the end of many times, in seconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** How long it took, in seconds. */
export interface Waits {
  /** Of every submission, from its arrival until its grading began. */
  readonly submissions: Percentiles;
  /** Of every student, from the last submission until its grading began. */
  readonly students: Percentiles;
  /** Of every student, from the last submission until its result was there. */
  readonly answers: Percentiles;
  /** From the first arrival to the last result. */
  readonly makespanSeconds: number;
  /** The share of the slots' time in which they graded. */
  readonly utilisation: number;
}

/**
 * Sums up when things happened.
 *
 * @param submitters of the submissions, in the order of the times
 * @param slots jobs at once
 */
export function measureWaits(
  { arrivals, claims, ends }: Simulated,
  submitters: readonly string[],
  slots: number,
): Waits {
  const lastOf = new Map(submitters.map((submitter, index) => [submitter, index]));
  const last = [...lastOf.values()];
  const since = (times: Float64Array, index: number): number => (times[index] ?? 0) - (arrivals[index] ?? 0);
  const latestEnd = ends.reduce((latest, end) => Math.max(latest, end), 0);
  const makespanSeconds = latestEnd - (arrivals[0] ?? 0);
  const busySeconds = ends.reduce((sum, end, index) => sum + end - (claims[index] ?? 0), 0);
  return {
    submissions: percentilesOf(claims.map((_, index) => since(claims, index))),
    students: percentilesOf(Float64Array.from(last, (index) => since(claims, index))),
    answers: percentilesOf(Float64Array.from(last, (index) => since(ends, index))),
    makespanSeconds,
    utilisation: makespanSeconds === 0 ? 0 : busySeconds / (slots * makespanSeconds),
  };
}

/** Each the smallest value that so many are not above; 0 where there is none. */
export function percentilesOf(values: Float64Array): Percentiles {
  const sorted = values.toSorted();
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: rank(0.5), p95: rank(0.95), max: rank(1) };
}
