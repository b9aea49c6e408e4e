import type { ApiErrorCode } from '@orca/protocol';

/**
 * Ends a request with an error of the API's table. Thrown by hooks, parsers and routes; `answer-failures.ts` makes
 * the answer of it.
 */
export class ApiFailure extends Error {
  readonly code: ApiErrorCode;
  /** For the caller; the meaning of the code where there are none. */
  readonly sentences: readonly string[];
  readonly retryAfterSeconds: number | null;

  constructor(
    code: ApiErrorCode,
    sentences: readonly string[] = [],
    options: { retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(sentences[0] ?? code, { cause: options.cause });
    this.code = code;
    this.sentences = sentences;
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }
}
