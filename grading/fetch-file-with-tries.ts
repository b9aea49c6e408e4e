import { setTimeout as after } from 'node:timers/promises';
import { type FetchOutcome, fetchFile, type Outbound } from '@orca/outbound';

/** How a file is fetched that does not come at once. */
export interface FetchTries {
  /** How often a server is asked that does not answer as it should. */
  readonly triesMax: number;
  /** Waiting times between the tries, in milliseconds; the last one repeats. */
  readonly pausesMs: readonly number[];
  /** No further try begins this long after the first, in milliseconds. */
  readonly windowMs: number;
  /** The longest that one try may take, in milliseconds; `undefined`: what `outbound` says. */
  readonly totalMs?: number;
}

/** Three tries within a minute, apart enough for a server that is just being started again. */
export const FETCH_TRIES: FetchTries = { triesMax: 3, pausesMs: [5_000, 15_000], windowMs: 60_000 };

/** One file to fetch. */
export interface TriedFetch {
  readonly url: string;
  readonly toPath: string;
  readonly bytesMax: number;
  readonly headers: Record<string, string>;
}

/**
 * Fetches a file, and again when that may help.
 *
 * @returns the last try's outcome: `failed` only when all tries were
 * @throws {StoreFileError} when the file cannot be written here
 * @throws the signal's reason when it aborts
 */
export async function fetchFileWithTries(
  file: TriedFetch,
  deps: { readonly outbound: Outbound; readonly tries: FetchTries },
  signal: AbortSignal,
): Promise<FetchOutcome> {
  const { triesMax, pausesMs, windowMs, totalMs } = deps.tries;
  const { url, toPath, bytesMax: maxBytes, headers } = file;
  const fetch = { url, toPath, maxBytes, headers, ...(totalMs === undefined ? {} : { totalMs }) };
  const startedAt = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await fetchFile(deps.outbound, fetch, signal);
    if (outcome.kind !== 'failed' || attempt >= triesMax) return outcome;
    const pauseMs = pausesMs[Math.min(attempt, pausesMs.length) - 1] ?? 0;
    if (performance.now() - startedAt + pauseMs > windowMs) return outcome;
    await after(pauseMs, undefined, { signal });
  }
}
