import type { Queries } from '../connect.ts';
import { DatabaseError } from '../database-error.ts';
import { type ClaimedJob, type FinishedRun, type NextRun, takeTurn } from './turn.ts';

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
 * {@link finishJob}, and in the same statement the claim of the next waiting job, for the slot that is free now. Nothing of
 * the claim hinders the result: where it fails, the run is finished without it.
 *
 * @returns `next`: `null` also when another claim came in between
 * @throws {DatabaseError} as `finishJob`; when a job was claimed as well, its lease runs out by itself
 */
export async function finishAndClaimJob(
  db: Queries,
  run: FinishedRun,
  next: NextRun,
): Promise<{ isStored: boolean; next: ClaimedJob | null }> {
  try {
    const { isStored, claim } = await takeTurn(db, { ended: run, next });
    return { isStored, next: claim.kind === 'claimed' ? claim.job : null };
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code === 'outcome_unknown') throw error;
    return { isStored: await finishJob(db, run), next: null };
  }
}
