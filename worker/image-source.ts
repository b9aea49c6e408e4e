import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Logger } from '@orca/daemon';
import { type Database, findUsableImage, markArchiveLost } from '@orca/database';
import { type ImageSource, SourceAwayError } from '@orca/grading';
import { type Remainder, resumeDownload } from './resume-download.ts';
import { untilDatabaseAnswers } from './until-database-answers.ts';

/** What fetching images needs. */
export interface ImageSourceDeps {
  readonly db: Database;
  /** The API server's, ending in a slash. */
  readonly server: URL;
  /** `<worker id>.<token>`: what the server knows this worker by. */
  readonly credential: string;
  /** Makes this worker known again: one that gave no sign of life for a minute is not let in. */
  readonly comeBack: () => Promise<void>;
  readonly log: Logger;
  /** Before a download that broke off goes on, in milliseconds; has a default. */
  readonly resumePauseMs?: number;
}

const OK = 200;
const FIRST_REDIRECT = 300;
const LAST_REDIRECT = 399;
const UNAUTHORIZED = 401;
const UNAVAILABLE = 503;
const ANSWER_CHARACTERS_MAX = 300;
/** An image that is damaged again so soon after it was built anew is damaged on its way here, not where it lies. */
const BUILT_ANEW_MS = 3_600_000;

/** Grader images as the database knows them, downloaded from the API server. */
export function createImageSource(deps: ImageSourceDeps): ImageSource {
  const { db, server, credential, comeBack, log, resumePauseMs } = deps;
  const pause = resumePauseMs === undefined ? {} : { pauseMs: resumePauseMs };
  const ask = (sha: string, signal: AbortSignal, rest: Remainder | null = null): Promise<IncomingMessage> => {
    const range: Record<string, string> =
      rest === null ? {} : { range: `bytes=${rest.fromByte}-`, 'if-range': rest.etag };
    const headers = { authorization: `Bearer ${credential}`, ...range };
    return sendRequest(new URL(`images/${sha}.tgz`, server), headers, signal);
  };
  return {
    async find(sha, signal) {
      // A database that is away for a while is no fault that should cost the job an attempt.
      const image = await untilDatabaseAnswers(() => findUsableImage(db, sha), { log }, signal);
      if (image === null) throw signal.reason;
      return image;
    },
    async download(sha, signal) {
      let answer = await ask(sha, signal);
      if (answer.statusCode === UNAUTHORIZED) {
        answer.destroy();
        await comeBack();
        answer = await ask(sha, signal);
      }
      if (answer.statusCode === OK) {
        const resume = { ask: (rest: Remainder) => ask(sha, signal, rest), log, ...pause };
        return resumeDownload(answer, resume, signal);
      }
      const said = `${server.origin} answered ${answer.statusCode} ${await whyNot(answer)}`;
      // The same for every image: its store, its database, or the server itself.
      if (answer.statusCode === UNAVAILABLE)
        throw new SourceAwayError(`Cannot download grader images now: ${said}`);
      throw new Error(`Cannot download the grader image "${sha}": ${said}`);
    },
    reportDamaged: takeReports(deps),
  };
}

/** Has images built again whose archives are damaged: each once an hour, or a worker's bad memory has them built for ever. */
function takeReports({ db, log }: ImageSourceDeps): NonNullable<ImageSource['reportDamaged']> {
  const builtAnewAt = new Map<string, number>();
  return async (sha, archiveSha256, signal) => {
    const before = builtAnewAt.get(sha);
    if (before !== undefined && performance.now() - before < BUILT_ANEW_MS) return false;
    const archive = { sha, archiveSha256: Buffer.from(archiveSha256) };
    const isNoted = await untilDatabaseAnswers(() => markArchiveLost(db, archive), { log }, signal);
    if (isNoted === null) throw signal.reason;
    // Otherwise another worker has told of it, or it was built again meanwhile.
    if (isNoted) {
      builtAnewAt.set(sha, performance.now());
      log.warn({ sha }, 'the archive of an image is damaged, it is built again when a job needs it');
    }
    return true;
  };
}

/** What an answer that is no image says, for staff. */
async function whyNot(answer: IncomingMessage): Promise<string> {
  const status = answer.statusCode ?? 0;
  if (status >= FIRST_REDIRECT && status <= LAST_REDIRECT)
    return '(a redirect, which is not followed: name the server itself in ORCA_WEB_SERVER_HOST)';
  return (await text(answer).catch(() => '')).slice(0, ANSWER_CHARACTERS_MAX);
}

/**
 * Sends a GET. Not by `fetch`: that of Node 24 ends the whole process when a server closes the connection behind a body that
 * is read more slowly than it comes.
 *
 * @throws {Error} that says why there is no answer, or the signal's reason
 */
async function sendRequest(
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const options = { headers, agent: false, signal } as const;
  send(url, options).once('response', resolve).on('error', reject).end();
  try {
    return await promise;
  } catch (cause) {
    signal.throwIfAborted();
    const why = cause instanceof Error ? cause.message : '';
    throw new Error(
      `Cannot download grader images from ${url.origin} (ORCA_WEB_SERVER_HOST): ${why || 'no answer'}`,
      { cause },
    );
  }
}
