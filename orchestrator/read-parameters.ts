import { plainLine } from '@orca/protocol';
import { ApiFailure } from './api-failure.ts';

/** Largest whole number in a path or a query; more digits are no number. */
const WHOLE_NUMBER = /^[1-9]\d{0,15}$/;
/** What is shown of an offending text. */
const SHOWN_UNITS_MAX = 80;
const SHA = /^[0-9a-f]{64}$/;

/** One parameter of a path or a query, as it came; '' when it is missing or came twice. */
export function parameterOf(params: unknown, name: string): string {
  const value: unknown =
    typeof params === 'object' && params !== null ? Reflect.get(params, name) : undefined;
  return typeof value === 'string' ? value : '';
}

/**
 * Reads an id or a number from 1.
 *
 * @throws {ApiFailure} `invalid_request` for what is none
 */
export function wholeNumberOf(name: string, text: string): number {
  const number = WHOLE_NUMBER.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(number))
    throw new ApiFailure('invalid_request', [`${name}: must be a whole number from 1`]);
  return number;
}

/**
 * Reads the SHA-256 by which an image is known.
 *
 * @throws {ApiFailure} `invalid_request` for what is none
 */
export function shaOf(params: unknown): string {
  const sha = parameterOf(params, 'sha');
  if (!SHA.test(sha))
    throw new ApiFailure('invalid_request', ['sha: must be a SHA-256: 64 digits of 0-9 and a-f']);
  return sha;
}

/** The bounds of a number in a query, and what it is when the query does not name it. */
export type QueryNumber = { min: number; max: number; otherwise: number };

/**
 * Reads a whole number from a query.
 *
 * @throws {ApiFailure} `invalid_request` for what is none, is out of bounds, or came twice
 */
export function queryNumber(query: unknown, name: string, bounds: QueryNumber): number {
  const { min, max, otherwise } = bounds;
  if (typeof query !== 'object' || query === null || !Object.hasOwn(query, name)) return otherwise;
  const text = parameterOf(query, name);
  const number = text === '0' || WHOLE_NUMBER.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(number) && number >= min && number <= max) return number;
  throw new ApiFailure('invalid_request', [`${name}: must be a whole number from ${min} to ${max}`]);
}

/**
 * Reads a text from a query.
 *
 * @returns `null` when the query does not name it
 * @throws {ApiFailure} `invalid_request` for one that is too long, holds NUL, or came twice
 */
export function queryText(query: unknown, name: string, bytesMax: number): string | null {
  if (typeof query !== 'object' || query === null || !Object.hasOwn(query, name)) return null;
  const text: unknown = Reflect.get(query, name);
  if (typeof text !== 'string') throw new ApiFailure('invalid_request', [`${name}: must stand once`]);
  if (text.includes('\0')) throw new ApiFailure('invalid_request', [`${name}: must not contain NUL`]);
  if (Buffer.byteLength(text) > bytesMax)
    throw new ApiFailure('invalid_request', [`${name}: must be at most ${bytesMax} bytes in UTF-8`]);
  return text;
}

/**
 * Refuses a query with a parameter that a route does not have: it would be without effect, and nobody would know.
 *
 * @throws {ApiFailure} `invalid_request`
 */
export function refuseOtherParameters(query: unknown, known: readonly string[]): void {
  const names = typeof query === 'object' && query !== null ? Object.keys(query) : [];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new ApiFailure(
    'invalid_request',
    unknown.map(
      (name) => `unknown parameter "${plainLine(name, SHOWN_UNITS_MAX)}"; there are ${known.join(', ')}`,
    ),
  );
}
