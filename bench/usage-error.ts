/** The command line asks for what makes no sense: told in one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage';
}

/** Whether an error is about the command line: ours, or one of `parseArgs`. */
export function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}

/**
 * Reads the value of an option that counts something.
 *
 * @param option as it is written, such as `--jobs`
 * @throws {UsageError} when it is no whole number of at least 1, or has more digits than any machine has time for
 */
export function readCount(option: string, text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text))
    throw new UsageError(`Cannot take ${option} "${text}": it is no whole number between 1 and 9999999`);
  return Number(text);
}
