/** A token bucket's size. */
export type Rate = { perSecond: number; burst: number };

/** Counts uses by name: `null` when so many more (1 unless told) are fine, otherwise seconds until they would be. */
export type RateLimiter = (name: string, uses?: number) => number | null;

/** Names remembered at once; the one used longest ago is forgotten, which only ever allows more. */
const NAMES_MAX = 10_000;

/**
 * Makes a limiter with one token bucket for each name.
 *
 * @param nowMs a clock that does not go back, in milliseconds
 * @returns a function that takes tokens, all of them or none; whole seconds to wait, at least 1, when there are too few.
 *   Who wants more than `burst`, which are never there at once, gets them for all that a full bucket holds
 */
export function createRateLimiter(rate: Rate, nowMs: () => number = () => performance.now()): RateLimiter {
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return (name, wanted = 1) => {
    const uses = Math.min(wanted, rate.burst);
    const now = nowMs();
    const known = buckets.get(name) ?? { tokens: rate.burst, atMs: now };
    const tokens = Math.min(rate.burst, known.tokens + ((now - known.atMs) / 1000) * rate.perSecond);
    buckets.delete(name); // put back behind all others: a Map keeps the order
    buckets.set(name, { tokens: tokens >= uses ? tokens - uses : tokens, atMs: now });
    const [oldest] = buckets.keys();
    if (buckets.size > NAMES_MAX && oldest !== undefined) buckets.delete(oldest);
    return tokens >= uses ? null : Math.max(1, Math.ceil((uses - tokens) / rate.perSecond));
  };
}
