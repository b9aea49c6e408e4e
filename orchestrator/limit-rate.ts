/** A token bucket's size. */
export type Rate = { perSecond: number; burst: number };

/** Counts uses by name: `null` when one more is fine, otherwise seconds until it would be. */
export type RateLimiter = (name: string) => number | null;

/** Names remembered at once; the one used longest ago is forgotten, which only ever allows more. */
const NAMES_MAX = 10_000;

/**
 * Makes a limiter with one token bucket for each name.
 *
 * @param nowMs a clock that does not go back, in milliseconds
 * @returns a function that takes a token; whole seconds to wait, at least 1, when there is none
 */
export function createRateLimiter(rate: Rate, nowMs: () => number = () => performance.now()): RateLimiter {
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return (name) => {
    const now = nowMs();
    const known = buckets.get(name) ?? { tokens: rate.burst, atMs: now };
    const tokens = Math.min(rate.burst, known.tokens + ((now - known.atMs) / 1000) * rate.perSecond);
    buckets.delete(name); // put back behind all others: a Map keeps the order
    buckets.set(name, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: now });
    const [oldest] = buckets.keys();
    if (buckets.size > NAMES_MAX && oldest !== undefined) buckets.delete(oldest);
    return tokens >= 1 ? null : Math.max(1, Math.ceil((1 - tokens) / rate.perSecond));
  };
}
