import { DatabaseError } from '@orca/database';
import type { ApiErrorCode } from '@orca/protocol';

/**
 * Says which error of the API an error of the database is.
 *
 * @returns `null` when it is none, or a defect of ours
 */
export function databaseFailureCode(
  error: unknown,
): Extract<ApiErrorCode, 'database_unreachable' | 'outcome_unknown'> | null {
  if (!(error instanceof DatabaseError)) return null;
  if (error.code === 'outcome_unknown') return 'outcome_unknown';
  return error.code === 'database_unreachable' ? 'database_unreachable' : null;
}

/** Whether an error says only that the database is away: trying again later is right. */
export function isDatabaseAway(error: unknown): boolean {
  return databaseFailureCode(error) !== null;
}
