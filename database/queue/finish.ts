import type { Database, Queries } from '../connect.ts';
import { DatabaseError } from '../database-error.ts';
import { type CommandFacts, commandsNote } from '../events/events.ts';
import {
  type ClaimedJob,
  type FinishedRun,
  type NextRun,
  type Turn,
  type TurnOutcome,
  takeTurn,
  takeTurnAfter,
} from './turn.ts';

/**
 * Stores a result, ends its job and owes it to the client: all or nothing.
 *
 * @returns false when the token is no longer the job's: nothing was changed, the run does not count
 * @throws {DatabaseError} `outcome_unknown`: the same once more tells by `false` that it was stored, or that it does not
 *   count
 */
export async function finishJob(db: Queries, run: FinishedRun): Promise<boolean> {
  const { isStored } = await takeTurn(db, { ended: run, next: null });
  return isStored;
}

/**
 * {@link finishJob}, and in the same transaction the claim of the next waiting job, for the slot that is free now, and the
 * events of the last commands. Nothing of these hinders the result: where one fails, the run is finished without them.
 *
 * @param next for whom the next job is claimed, `null` for nobody
 * @param commands of the run that nobody has been told of yet
 * @returns `next`: `null` also when another claim came in between
 * @throws {DatabaseError} as `finishJob`; when a job was claimed as well, its lease runs out by itself
 */
export async function finishAndClaimJob(
  db: Database,
  run: FinishedRun,
  next: NextRun | null,
  commands: readonly CommandFacts[] = [],
): Promise<{ isStored: boolean; next: ClaimedJob | null }> {
  try {
    const { isStored, claim } = await endRun(db, { ended: run, next }, commands);
    return { isStored, next: claim.kind === 'claimed' ? claim.job : null };
  } catch (error) {
    if (!isRefused(error)) throw error;
    if (next !== null) return await finishAndClaimJob(db, run, null, commands);
    if (commands.length > 0) return await finishAndClaimJob(db, run, null);
    throw error;
  }
}

function endRun(db: Database, turn: Turn, commands: readonly CommandFacts[]): Promise<TurnOutcome> {
  if (turn.ended === null || commands.length === 0) return takeTurn(db, turn);
  return takeTurnAfter(db, [commandsNote(turn.ended, commands)], turn);
}

/** Whether the server has refused it, for which what is no part of the result may be to blame. */
function isRefused(error: unknown): boolean {
  return error instanceof DatabaseError && error.sqlState !== null && error.code !== 'outcome_unknown';
}
