/** The status of a command that could not do what it was asked. */
const FAILED_STATUS = 1;

/** The status of a command that was not called rightly, or with a file that cannot be read. */
export const USAGE_STATUS = 2;

/**
 * Something that a person has to know or do before a command can go on. The program prints its message, and no stack
 * trace: the sentence says all there is.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** The exit status of the program. */
  readonly status: number;

  constructor(message: string, { cause, status = FAILED_STATUS }: { cause?: unknown; status?: number } = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.status = status;
  }
}
