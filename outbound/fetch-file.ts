import { type Answer, exchange, oneHeader } from './exchange.ts';
import { failureClause } from './failure-clause.ts';
import type { Outbound } from './outbound.ts';
import { RefusedError } from './refused-error.ts';
import { StoreFileError, storeBody } from './store-body.ts';
import { type TimeWatch, watchTime } from './watch-time.ts';

/** Redirects followed for a file, each checked anew. */
export const REDIRECTS_MAX = 3;

/** Default time limits of a fetch, in milliseconds. `totalMs` ends a server that trickles for ever. */
export const FETCH_TIMES = { connectMs: 5_000, stallMs: 20_000, totalMs: 60_000 } as const;

/** One file to fetch. Time limits as {@link FETCH_TIMES} unless given. */
export type FileFetch = {
  url: string;
  /** Made anew (mode 0600) or overwritten; it is only there afterwards when the answer is `fetched`. */
  toPath: string;
  /** Of the decoded body. */
  maxBytes: number;
  /** Sent to every hop, e.g. `if-none-match`: no secrets. */
  headers?: Record<string, string>;
  connectMs?: number;
  stallMs?: number;
  totalMs?: number;
};

/** What became of a fetch. A `sentence` is a clause that names neither host nor URL. */
export type FetchOutcome =
  | { kind: 'fetched'; bytes: number; etag: string | null; lastModified: string | null }
  | { kind: 'not_modified' }
  /** Final: a 4xx (its status), or the policy or a redirect rule says no (`null`). */
  | { kind: 'refused'; status: number | null; sentence: string }
  | { kind: 'too_large' }
  /** Worth another try: 5xx, cut, slow, a wrong length, a name that does not resolve. */
  | { kind: 'failed'; sentence: string };

/**
 * Fetches a URL into a file, streaming. A file that was cut is never left behind.
 *
 * A body that is neither chunked nor announced by length ends where the connection does: a cut cannot be noticed
 * there (HTTP/1.0 servers send such), so whoever reads the file checks its format.
 *
 * @throws {StoreFileError} `cannot_store_file` when the file cannot be written here
 * @throws the signal's reason when it aborts
 */
export async function fetchFile(
  outbound: Outbound,
  fetch: FileFetch,
  signal: AbortSignal,
): Promise<FetchOutcome> {
  const times = { ...FETCH_TIMES, ...definedTimes(fetch) };
  using watch = watchTime(times, signal);
  try {
    await using answer = await followRedirects({ fetch, connectMs: times.connectMs }, outbound, watch);
    const ending = endingByStatus(answer.status);
    if (ending !== null) return ending;
    const { toPath, maxBytes } = fetch;
    const bytes = await storeBody(answer, { toPath, maxBytes, onBytes: watch.sawBytes });
    if (bytes === null) return { kind: 'too_large' };
    const etag = oneHeader(answer, 'etag') ?? null;
    return { kind: 'fetched', bytes, etag, lastModified: oneHeader(answer, 'last-modified') ?? null };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StoreFileError) throw error;
    if (error instanceof RefusedError) return { kind: 'refused', status: null, sentence: error.message };
    return { kind: 'failed', sentence: failureClause(error) };
  }
}

function definedTimes({
  connectMs,
  stallMs,
  totalMs,
}: FileFetch): Partial<Record<keyof typeof FETCH_TIMES, number>> {
  return Object.fromEntries(
    Object.entries({ connectMs, stallMs, totalMs }).filter(([, value]) => value !== undefined),
  );
}

async function followRedirects(
  { fetch, connectMs }: { fetch: FileFetch; connectMs: number },
  outbound: Outbound,
  watch: TimeWatch,
): Promise<Answer> {
  let url = parseTarget(fetch.url, null);
  for (let redirects = 0; ; redirects += 1) {
    const request = { url, method: 'GET', headers: fetch.headers ?? {}, connectMs } as const;
    const answer = await exchange(request, outbound, watch.signal);
    watch.sawBytes();
    const location = isRedirect(answer.status) ? oneHeader(answer, 'location') : undefined;
    if (location === undefined) return answer;
    await answer[Symbol.asyncDispose]();
    if (redirects === REDIRECTS_MAX)
      throw new RefusedError(`there were more than ${REDIRECTS_MAX} redirects`);
    url = parseTarget(location, url);
  }
}

function parseTarget(location: string, from: URL | null): URL {
  const target = URL.parse(location, from?.href);
  if (target === null) throw new RefusedError(from === null ? 'this is no URL' : 'a redirect led to no URL');
  if (from?.protocol === 'https:' && target.protocol !== 'https:') {
    throw new RefusedError('a redirect led from https to something less safe');
  }
  return target;
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** `null`: there is a body to store. */
function endingByStatus(status: number): FetchOutcome | null {
  const sentence = `the server answered ${status}`;
  if (status === 200) return null;
  if (status === 304) return { kind: 'not_modified' };
  if (status >= 300 && status < 500) return { kind: 'refused', status, sentence };
  return { kind: 'failed', sentence };
}
