const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** How long a delivery waits before its first, second, … try, in seconds after the one before. */
export const SCHEDULE_SECONDS = [
  0,
  5,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;

/** Each wait is longer or shorter by up to this share, so that many do not come back at once. */
export const JITTER = 0.2;

/**
 * How long to wait after a try that did not work.
 *
 * @param attempt number of the try, 1 for the first
 * @param retryAfterSeconds what the client asked for; it is never asked earlier than that
 * @param random 0 to 1
 * @returns seconds
 */
export function retryDelaySeconds(
  attempt: number,
  retryAfterSeconds: number | undefined,
  random: number = Math.random(),
): number {
  const planned = SCHEDULE_SECONDS[attempt] ?? SCHEDULE_SECONDS[SCHEDULE_SECONDS.length - 1] ?? 0;
  const spread = planned * (1 - JITTER + 2 * JITTER * random);
  return Math.max(spread, retryAfterSeconds ?? 0);
}
