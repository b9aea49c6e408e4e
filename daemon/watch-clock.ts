import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { sleep } from './sleep.ts';

/** What watching the clock needs. */
export interface ClockDeps {
  /** The time by the clock that counts, which is the database's. */
  readonly askTime: () => Promise<Date>;
  /** This machine's, in milliseconds since 1970; has a default. */
  readonly ownTime?: () => number;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Off by so much, an operator should know. */
const SKEW_MS_MAX = 2_000;
const LOOK_MS = 30_000;
const SECOND_MS = 1_000;

/**
 * Compares this machine's clock with the one that counts, now and then, and says so once when they begin to differ or
 * differ anew: in the log, and as `orca_clock_ahead_seconds`. Nothing else comes of it: no lease, release or signature
 * goes by this machine's clock.
 *
 * @param signal ends it
 * @param everyMs how often to look; has a default
 * @returns when the signal has aborted and the look under way is over
 */
export async function watchClock(
  { askTime, ownTime = Date.now, log, metrics }: ClockDeps,
  signal: AbortSignal,
  everyMs: number = LOOK_MS,
): Promise<void> {
  let skewMs: number | null = null;
  let saidMs = 0;
  metrics.gauge(
    'orca_clock_ahead_seconds',
    "How far this machine's clock is ahead of the database's; below 0 it is behind.",
    [],
    () => (skewMs === null ? [] : [{ labels: {}, value: skewMs / SECOND_MS }]),
  );
  const look = async (): Promise<void> => {
    const before = ownTime();
    const askedAt = performance.now();
    const time = await askTime();
    const tookMs = performance.now() - askedAt;
    // An answer that took so long says too little, and where the clock has jumped meanwhile, nothing.
    if (tookMs > SKEW_MS_MAX) return;
    skewMs = before + tookMs / 2 - time.getTime();
    if (Math.abs(skewMs - saidMs) <= SKEW_MS_MAX) return;
    const isRight = Math.abs(skewMs) <= SKEW_MS_MAX;
    saidMs = isRight ? 0 : skewMs;
    const facts = { skewSeconds: Math.round(skewMs / SECOND_MS) };
    if (isRight) log.info(facts, "this machine's clock agrees with the database's again");
    else log.error({ ...facts, trouble: describeSkew(skewMs) }, 'the clocks of the machines differ');
  };
  while (!signal.aborted) {
    // A database that does not answer is told of elsewhere.
    await look().catch(() => undefined);
    await sleep(everyMs, signal);
  }
}

/** The sentence for a clock that is wrong, with the next step. */
function describeSkew(skewMs: number): string {
  const seconds = Math.round(Math.abs(skewMs) / SECOND_MS);
  return (
    `This machine's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} the database's. ` +
    'Jobs are released and leased by the database\'s; set the one that is wrong ("timedatectl set-ntp true")'
  );
}
