/** How waiting times grow. */
export interface BackoffOptions {
  /** The first waiting time, in milliseconds. */
  readonly baseMs: number;
  /** The longest waiting time before jitter, in milliseconds. */
  readonly maxMs: number;
  /** The share by which a time is made longer or shorter at random, 0 to 1, so that many do not wake at once. */
  readonly jitter?: number;
}

/**
 * How long to wait after a failed attempt: doubled each time, up to a limit.
 *
 * @param attempt how many attempts have failed, from 1
 * @param random a number from 0 to 1 (exclusive), for tests
 * @returns milliseconds, a whole number
 */
export function backoff(
  attempt: number,
  options: BackoffOptions,
  random: () => number = Math.random,
): number {
  const { baseMs, maxMs, jitter = 0 } = options;
  const ms = Math.min(maxMs, baseMs * 2 ** Math.max(0, attempt - 1));
  return Math.round(ms * (1 + jitter * (2 * random() - 1)));
}
