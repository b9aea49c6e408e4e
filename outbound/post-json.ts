import { type Answer, exchange, oneHeader } from './exchange.ts';
import { failureClause } from './failure-clause.ts';
import type { Outbound } from './outbound.ts';
import { RefusedError } from './refused-error.ts';
import { watchTime } from './watch-time.ts';

/** An answer is read to its end, for at most this many bytes: a longer one counts as none. */
export const ANSWER_BYTES_MAX = 64 * 1024;

/** So much of an answer is kept, for the person who looks why a delivery failed. */
export const ANSWER_START_BYTES = 1024;

/** One POST; `connectMs` counts from the start as `totalMs` does. */
export type JsonPost = {
  url: string;
  body: string;
  headers: Record<string, string>;
  connectMs: number;
  totalMs: number;
};

/** What became of a POST. */
export type PostOutcome =
  | {
      kind: 'answered';
      status: number;
      /** From `Retry-After`, seconds or date; `null` when there is none. */
      retryAfterSeconds: number | null;
      /** The first {@link ANSWER_START_BYTES} of the body as text; NUL and what is not UTF-8 are replaced. */
      answerStart: string;
      /** Host of the `Location` header, for the record: it is never followed. */
      location: string | null;
    }
  /** No whole answer: refused, cut, too slow, too long. The other side may have acted on it all the same. */
  | { kind: 'unanswered'; sentence: string }
  /** The address policy refuses it; nothing was sent. */
  | { kind: 'forbidden'; sentence: string };

/**
 * POSTs JSON once, following no redirect.
 *
 * @throws the signal's reason when it aborts
 */
export async function postJson(
  outbound: Outbound,
  post: JsonPost,
  signal: AbortSignal,
): Promise<PostOutcome> {
  using watch = watchTime({ totalMs: post.totalMs, stallMs: post.totalMs }, signal);
  const url = URL.parse(post.url);
  if (url === null) return { kind: 'forbidden', sentence: 'this is no URL' };
  try {
    const headers = { ...post.headers, 'content-type': 'application/json' };
    const { body, connectMs } = post;
    const request = { url, method: 'POST', headers, body, connectMs } as const;
    await using answer = await exchange(request, outbound, watch.signal);
    const start = await readAnswer(answer);
    if (start === null) {
      return { kind: 'unanswered', sentence: `the answer was longer than ${ANSWER_BYTES_MAX} bytes` };
    }
    return {
      kind: 'answered',
      status: answer.status,
      retryAfterSeconds: retryAfterSeconds(oneHeader(answer, 'retry-after'), Date.now()),
      answerStart: start,
      location: hostOf(oneHeader(answer, 'location'), post.url),
    };
  } catch (error) {
    signal.throwIfAborted();
    const kind = error instanceof RefusedError ? 'forbidden' : 'unanswered';
    return { kind, sentence: failureClause(error) };
  }
}

/**
 * Reads a `Retry-After` header.
 *
 * @param nowMs what a date is counted from, milliseconds since 1970
 * @returns whole seconds from now, at least 0; `null` when it is absent or unreadable
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfterSeconds(value: string | undefined, nowMs: number): number | null {
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value);
  const atMs = /[A-Za-z]/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(atMs) ? null : Math.max(0, Math.ceil((atMs - nowMs) / 1000));
}

/** Reads the body to its end, so that a cut one counts as no answer; `null` when it is too long. */
async function readAnswer(answer: Answer): Promise<string | null> {
  const kept: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer.body) {
    if (bytes < ANSWER_START_BYTES) kept.push(chunk.subarray(0, ANSWER_START_BYTES - bytes));
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) return null;
  }
  // A NUL is text to us and an error to PostgreSQL.
  return Buffer.concat(kept).toString('utf8').replaceAll('\0', '\uFFFD');
}

function hostOf(location: string | undefined, base: string): string | null {
  return location === undefined ? null : (URL.parse(location, base)?.host ?? null);
}
