import { ApiFailure } from '../api-failure.ts';
import { queryNumber, queryText } from '../read-parameters.ts';

/** Bounds of `limit`. */
export const LIMIT = { min: 1, max: 50, otherwise: 50 } as const;
/** Bounds of `offset`. */
export const OFFSET = { min: 0, max: 10_000, otherwise: 0 } as const;
const WORD_BYTES_MAX = 64;

/** A page of a list. */
export type Page = { limit: number; offset: number };

/**
 * Reads `limit` and `offset`.
 *
 * @throws {ApiFailure} `invalid_request`
 */
export function readPage(query: unknown): Page {
  return { limit: queryNumber(query, 'limit', LIMIT), offset: queryNumber(query, 'offset', OFFSET) };
}

/** Cuts a list that was asked for one item more than its page has, and links to its neighbours. */
export function cutPage<Item>(items: readonly Item[], { limit, offset }: Page) {
  const next = offset + limit;
  return {
    items: items.slice(0, limit),
    links: {
      ...(offset === 0 ? {} : { prev: { offset: Math.max(0, offset - limit), limit } }),
      ...(items.length <= limit || next > OFFSET.max ? {} : { next: { offset: next, limit } }),
    },
  };
}

/**
 * Reads one of some words from a query.
 *
 * @returns `null` when the query does not name it
 * @throws {ApiFailure} `invalid_request` for any other word
 */
export function queryWord<const Word extends string>(
  query: unknown,
  name: string,
  words: readonly Word[],
): Word | null {
  const text = queryText(query, name, WORD_BYTES_MAX);
  const word = words.find((known) => known === text);
  if (text !== null && word === undefined)
    throw new ApiFailure('invalid_request', [`${name}: must be one of ${words.join(', ')}`]);
  return word ?? null;
}
