import { plainLine } from '@orca/protocol';
import { textOf, textsOf } from '../json-fields.ts';
import { UserError } from '../user-error.ts';
import type { OrcaAccess } from './choose-access.ts';

/** A request to one of Orca's routes. */
export interface OrcaCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/api/v1`, with its query. */
  readonly path: string;
  /** `text`: JSON that is sent as it stands. */
  readonly body?: { readonly json: unknown } | { readonly text: string };
  /** What it is for, in a sentence that begins with "Cannot": `list the images`. */
  readonly purpose: string;
  /** What the key has to be, where another one is answered 401 or 403: `of the role staff or admin`. */
  readonly keyNeeds: string;
  /** How long the answer may take; 30 s unless it is said. */
  readonly answerTimeoutMs?: number;
}

/** What a route answered. */
export interface OrcaAnswer {
  readonly status: number;
  readonly ok: boolean;
  /** `null` where the body is no JSON. */
  readonly json: unknown;
}

/** Nothing answers at the moment: it may soon. */
export class OrcaAwayError extends UserError {}

const PREFIX = '/api/v1';
const ANSWER_TIMEOUT_MS = 30_000;
const SHOWN_CHARACTERS_MAX = 500;
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
const MISSING = 404;
/** Those after which the contract has clients try again. */
const AWAY: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * Calls a route.
 *
 * @returns the JSON of the answer; `null` for a 404
 * @throws {OrcaAwayError} when there is no answer, or one that asks to come again
 * @throws {UserError} with what a person can do, for every other answer that is no success
 * @throws the signal's reason when it aborts
 */
export async function callOrca(access: OrcaAccess, call: OrcaCall, signal: AbortSignal): Promise<unknown> {
  const answer = await askOrca(access, call, signal);
  if (answer.ok) return answer.json;
  if (answer.status === MISSING) return null;
  throw refusalOf(access, call, answer);
}

/**
 * Sends a request, and hands out its answer whatever that is.
 *
 * @throws {OrcaAwayError} when there is none
 * @throws the signal's reason when it aborts
 */
export async function askOrca(
  { server, key }: OrcaAccess,
  { method, path, body, purpose, answerTimeoutMs = ANSWER_TIMEOUT_MS }: OrcaCall,
  signal: AbortSignal,
): Promise<OrcaAnswer> {
  try {
    const answer = await fetch(server + PREFIX + path, {
      method,
      headers: {
        ...(key === null ? {} : { 'x-api-key': key }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: 'text' in body ? body.text : JSON.stringify(body.json) }),
      // A key is for the server that was named, and for no other.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]),
    });
    const json = parse(await answer.text());
    // Every answer of Orca is JSON; a success that is none comes from somebody else.
    return { status: answer.status, ok: answer.ok && json !== null, json };
  } catch (cause) {
    signal.throwIfAborted();
    throw new OrcaAwayError(
      `Cannot ${purpose}: nothing answers at ${server} (${reasonOf(cause)}). ` +
        'Start it with "orca up", or name another with --server or ORCA_SERVER',
      { cause },
    );
  }
}

/** What an answer that is no success says to a person, with the next step. */
export function refusalOf({ server }: OrcaAccess, call: OrcaCall, { status, json }: OrcaAnswer): UserError {
  const failure = `Cannot ${call.purpose}: `;
  if (status === UNAUTHORIZED)
    return new UserError(
      `${failure}${server} wants a key that it knows, ${call.keyNeeds}. Set ORCA_API_KEY, or use --key`,
    );
  if (status === FORBIDDEN)
    return new UserError(`${failure}the key's role may not do that. Use one ${call.keyNeeds}`);
  const sentences = textsOf(json, 'errors').map((text) => plainLine(text, SHOWN_CHARACTERS_MAX));
  // Some of it may be stored: how to go on, the server knows best.
  if (textOf(json, 'code') === 'outcome_unknown') return new OrcaAwayError(failure + sentences.join('\n'));
  if (AWAY.has(status))
    return new OrcaAwayError(`${failure}${server} answers ${status}. Try again in a moment`);
  if (sentences.length > 0) return new UserError(failure + sentences.join('\n') + nextStep(json));
  return new UserError(
    `${failure}${server} answered ${status}. Is that an Orca? Name one with --server, or ORCA_SERVER`,
  );
}

function nextStep(json: unknown): string {
  if (textOf(json, 'code') !== 'unknown_image') return '';
  return '. "orca images build <Dockerfile>" asks for it';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ENOTFOUND', 'there is no such host'],
]);

/** In words where that is usual, else the code, such as ECONNRESET, which fetch hides in the cause. */
function reasonOf(error: unknown): string {
  for (const one of [error instanceof Error ? error.cause : null, error])
    if (one instanceof Error && 'code' in one && typeof one.code === 'string')
      return REASONS.get(one.code) ?? one.code;
  if (!(error instanceof Error)) return 'no answer';
  return error.cause instanceof Error ? error.cause.message : error.name;
}
