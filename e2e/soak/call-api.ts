import { setTimeout as sleep } from 'node:timers/promises';
import type { PutAnswer } from '../kit/start-orca.ts';

/** A request as a client sends it, until it is answered. */
export interface ApiCall {
  readonly method: 'PUT' | 'POST' | 'DELETE';
  readonly url: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** The statuses that are an answer; 503 never is. */
  readonly accepts: readonly number[];
}

/** Longer than a server that answers may take; one that is frozen does not answer. */
const ANSWER_MS = 30_000;
const REPEAT_AFTER_MS = 300;

/**
 * Sends a request, and sends the same again whenever no answer or a 503 came, as the contract says.
 *
 * @returns `repeats`: how often it was sent again
 * @throws on any other status, and the signal's reason
 */
export async function callApi(
  { method, url, body, accepts }: ApiCall,
  signal: AbortSignal,
): Promise<{ status: number; body: PutAnswer; repeats: number }> {
  for (let repeats = 0; ; repeats += 1) {
    const answer = await send({ method, url, body, accepts }, signal);
    if (answer !== null && accepts.includes(answer.status)) return { ...answer, repeats };
    if (answer !== null && answer.status !== 503)
      throw new Error(`${method} ${url} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    await sleep(REPEAT_AFTER_MS, null, { signal });
  }
}

/** `null` when no whole answer came. */
async function send(
  { method, url, body }: ApiCall,
  signal: AbortSignal,
): Promise<{ status: number; body: PutAnswer } | null> {
  try {
    const answer = await fetch(url, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    return { status: answer.status, body: (await answer.json()) as PutAnswer };
  } catch {
    signal.throwIfAborted();
    return null;
  }
}
