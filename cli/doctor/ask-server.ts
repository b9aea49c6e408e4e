import { numberOf, textOf } from '../json-fields.ts';

/** What the API server answers to `GET /status`. */
export interface ServerAnswer {
  readonly status: number;
  /** Whether it answers as Orca does. */
  readonly isOrca: boolean;
  readonly jobs: number | null;
  /** How far its clock is ahead of ours, to the second; `null` when it does not say. */
  readonly skewMs: number | null;
}

const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Asks an API server how it is.
 *
 * @throws {Error} as `fetch` does when nothing answers
 */
export async function askServer(server: URL, signal: AbortSignal): Promise<ServerAnswer> {
  const before = Date.now();
  const answer = await fetch(new URL('status', server), {
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
  });
  const middle = (before + Date.now()) / 2;
  const json = parse(await answer.text());
  const time = Date.parse(answer.headers.get('date') ?? '');
  return {
    status: answer.status,
    isOrca: answer.ok && textOf(json, 'message') === 'ok' && numberOf(json, 'numJobs') !== null,
    jobs: numberOf(json, 'numJobs'),
    skewMs: Number.isNaN(time) ? null : time - middle,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
