import Type, { type Static } from 'typebox';

interface ApiErrorEntry {
  readonly status: number;
  readonly meaning: string;
}

/**
 * Every error that the API answers: code, HTTP status, what it means and what to do. `docs/reference/errors.md` is made
 * of this table.
 */
export const API_ERRORS = {
  invalid_json: { status: 400, meaning: 'The body is no JSON, or nests deeper than 64. Send valid JSON.' },
  missing_body: { status: 400, meaning: 'The route needs a body, and none came.' },
  invalid_job: {
    status: 400,
    meaning: 'The grading job breaks the contract; each sentence names a field by its JSON path.',
  },
  invalid_script: {
    status: 400,
    meaning: 'The grading script breaks its rules; each sentence names a place by its JSON path.',
  },
  invalid_image: {
    status: 400,
    meaning: 'The image request breaks the contract: a field, the checksum, or the base of its last stage.',
  },
  invalid_request: {
    status: 400,
    meaning: 'Another body, a parameter of the query or an id in the path is not as the route needs it.',
  },
  unknown_image: {
    status: 400,
    meaning: 'No grader image with this SHA-256 is built or being built. POST its Dockerfile first.',
  },
  unauthorized: {
    status: 401,
    meaning:
      "The key or a worker's token is missing or wrong, or the key does not name the host of response_url.",
  },
  forbidden: { status: 403, meaning: 'The key is right, but its role may not use this route.' },
  not_found: { status: 404, meaning: 'There is no such route, or no such thing that the key may see.' },
  job_not_waiting: {
    status: 404,
    meaning:
      'The job is known, but it waits no more: it is being graded, or has finished. It cannot be moved.',
  },
  job_finished: {
    status: 404,
    meaning: 'The job is known, but it has finished already. It cannot be cancelled.',
  },
  method_not_allowed: { status: 405, meaning: 'The route exists, but not with this method.' },
  request_timeout: { status: 408, meaning: 'The request took too long to arrive.' },
  conflict: {
    status: 409,
    meaning: 'The thing is in a state in which this cannot be done; the sentence says which, and why.',
  },
  body_too_large: { status: 413, meaning: 'The body is larger than 1 MiB (2 MiB for a batch).' },
  uri_too_long: { status: 414, meaning: 'The URL of the request is too long.' },
  unsupported_media_type: {
    status: 415,
    meaning: 'The body is not application/json, or is compressed. Send plain application/json.',
  },
  headers_too_large: { status: 431, meaning: 'The headers of the request are too large.' },
  internal: {
    status: 500,
    meaning: 'A defect of Orca, never of the input. The request_id finds it in the log.',
  },
  overloaded: { status: 503, meaning: 'Too many requests at once. Repeat it after Retry-After seconds.' },
  draining: {
    status: 503,
    meaning: 'The server is shutting down. Repeat the request after Retry-After seconds.',
  },
  database_unreachable: {
    status: 503,
    meaning:
      'The database does not answer, and nothing was stored. Repeat the request after Retry-After seconds.',
  },
  outcome_unknown: {
    status: 503,
    meaning:
      'The database went away while storing. Repeat the same request: while the job waits or is graded, that has no effect twice; one that has been graded meanwhile is graded once more.',
  },
  image_store_away: {
    status: 503,
    meaning: 'The folder of saved images is not there. Repeat the request after Retry-After seconds.',
  },
} as const satisfies Record<string, ApiErrorEntry>;

/** A code of the error table. */
export type ApiErrorCode = keyof typeof API_ERRORS;

/** Most sentences in one answer. */
export const ERRORS_MAX = 10;
/** Most characters of one sentence. */
export const ERROR_CHARACTERS_MAX = 300;

const isErrorCode = (code: string): code is ApiErrorCode => Object.hasOwn(API_ERRORS, code);

/** The body of every answer that is an error. */
export const ApiErrorSchema = Type.Object(
  {
    errors: Type.Array(Type.String({ maxLength: ERROR_CHARACTERS_MAX }), {
      minItems: 1,
      maxItems: ERRORS_MAX,
      description: 'Sentences for people; one about a body begins with the JSON path of the field.',
    }),
    code: Type.Enum(Object.keys(API_ERRORS).filter(isErrorCode), { description: 'Decide by this.' }),
    request_id: Type.String({ description: 'Finds the request in the log of the server.' }),
  },
  {
    examples: [
      {
        errors: ['priority: must be a finite number of at most 604800, is the string "60"'],
        code: 'invalid_job',
        request_id: '0b54ee1f-22a5-4b7b-8d6c-3f6d0a1c9b52',
      },
    ],
  },
);

/** The body of every answer that is an error. */
export type ApiErrorBody = Static<typeof ApiErrorSchema>;

/**
 * Makes the body of an error. What is more or longer than the contract allows is cut.
 *
 * @param errors sentences for people; the meaning of the code where there are none
 */
export function apiError(code: ApiErrorCode, errors: readonly string[], requestId: string): ApiErrorBody {
  const sentences = errors.length === 0 ? [API_ERRORS[code].meaning] : errors;
  return {
    errors: sentences.slice(0, ERRORS_MAX).map((sentence) => cutText(sentence, ERROR_CHARACTERS_MAX)),
    code,
    request_id: requestId,
  };
}

/**
 * Cuts a text to a number of UTF-16 units, an ellipsis included, without leaving half a character.
 *
 * @param unitsMax at least 1
 */
export function cutText(text: string, unitsMax: number): string {
  if (text.length <= unitsMax) return text;
  const kept = text.slice(0, unitsMax - 1);
  return `${kept.isWellFormed() ? kept : kept.toWellFormed().replace(/\ufffd$/, '')}…`;
}
