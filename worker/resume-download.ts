import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { backoff, type Logger, sleep } from '@orca/daemon';
import { SourceAwayError } from '@orca/grading';

/** Where a download goes on. */
export interface Remainder {
  readonly fromByte: number;
  /** Of what was begun: nothing else may be sent. */
  readonly etag: string;
}

/** What resuming needs. */
export interface ResumeDeps {
  /** Asks for the rest of what was begun. */
  readonly ask: (remainder: Remainder, signal: AbortSignal) => Promise<IncomingMessage>;
  readonly log: Logger;
  /** Before the first try to go on; has a default. */
  readonly pauseMs?: number;
}

const PARTIAL = 206;
const UNAVAILABLE = 503;
const RESUMES_MAX = 5;
/** Longer each time: a server that is started again is back by then. */
const PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 10_000;

/**
 * The body of an answer, which goes on where it was when its connection breaks: what has come is not fetched twice.
 *
 * @returns a stream that fails when the server cannot go on after five pauses (a {@link SourceAwayError} where it
 *   says that it cannot now), or has something else by now
 */
export function resumeDownload(answer: IncomingMessage, deps: ResumeDeps, signal: AbortSignal): Readable {
  return Readable.from(readOn(answer, deps, signal), { objectMode: false });
}

async function* readOn(
  first: IncomingMessage,
  { ask, log, pauseMs = PAUSE_MS }: ResumeDeps,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const { etag } = first.headers;
  let answer: IncomingMessage | null = first;
  let fromByte = 0;
  for (let breaks = 0; ; ) {
    try {
      for await (const chunk of answer ?? (await askAgain())) {
        fromByte += chunk.length;
        yield chunk;
      }
      return;
    } catch (cause) {
      signal.throwIfAborted();
      breaks += 1;
      if (etag === undefined || breaks > RESUMES_MAX || cause instanceof OtherAnswerError) throw cause;
      log.warn({ err: cause, fromByte }, 'the download of a grader image broke off: it goes on from there');
      answer = null;
      await sleep(backoff(breaks, { baseMs: pauseMs, maxMs: PAUSE_MS_MAX, jitter: 0.2 }), signal);
      signal.throwIfAborted();
    }
  }

  async function askAgain(): Promise<IncomingMessage> {
    const rest = await ask({ fromByte, etag: etag ?? '' }, signal);
    const isRest = rest.headers['content-range']?.startsWith(`bytes ${fromByte}-`) === true;
    if (rest.statusCode === PARTIAL && isRest) return rest;
    rest.destroy();
    const sentence = `Cannot go on with the download of a grader image at byte ${fromByte}: the server answered ${rest.statusCode}`;
    throw rest.statusCode === UNAVAILABLE ? new SourceAwayError(sentence) : new OtherAnswerError(sentence);
  }
}

/** The server does not go on: it has something else by now, or knows nothing of ranges. */
class OtherAnswerError extends Error {
  override readonly name = 'OtherAnswerError';
}
