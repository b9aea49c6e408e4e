/** Why a call to the engine did not do what it should; decisions are made on this, never on the text. */
export type EngineErrorCode =
  /** Nothing answers at the address, or the connection broke. */
  | 'engine_unreachable'
  /** It speaks no version of the API that Orca speaks. */
  | 'engine_too_old'
  /** It did not answer in the time that the call has. */
  | 'engine_timeout'
  /** It answered, and said no: `status` says how. */
  | 'engine_refused'
  /** It answered with something that is not in the API. */
  | 'engine_answer_invalid';

/** A call to the container engine that failed. */
export class EngineError extends Error {
  override readonly name: string = 'EngineError';
  readonly code: EngineErrorCode;
  /** The HTTP status of a refusal, `null` otherwise. */
  readonly status: number | null;
  /** What the engine itself said when it refused, in its words; `null` otherwise. */
  readonly reason: string | null;

  constructor(
    code: EngineErrorCode,
    message: string,
    details: { readonly status?: number; readonly reason?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.code = code;
    this.status = details.status ?? null;
    this.reason = details.reason ?? null;
  }
}

/** Whether the engine refused a call with one of these HTTP statuses (any, when none is named). */
export function isRefusal(error: unknown, ...statuses: number[]): boolean {
  if (!(error instanceof EngineError) || error.code !== 'engine_refused') return false;
  return statuses.length === 0 || (error.status !== null && statuses.includes(error.status));
}
