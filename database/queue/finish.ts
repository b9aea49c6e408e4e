import type { BoundStatement } from '../batch.ts';
import type { Database } from '../connect.ts';
import { DatabaseError } from '../database-error.ts';
import { sqlFile } from '../sql-blocks.ts';
import { bindClaim, type Claim, type ClaimedJob, readClaim } from './claim.ts';

const sql = sqlFile(import.meta.url, 'finish.sql');

/** How a run ended, and what its client is to get. */
export type FinishedRun = {
  jobId: number;
  leaseToken: string;
  /** `failed`: no fault of the submission. */
  outcome: 'graded' | 'failed';
  /** The `webhook-id` of the POST, such as `msg_…`. */
  gradingId: string;
  /** The exact bytes of the POST, as JSON. */
  body: string;
};

/**
 * Stores a result, ends its job and owes it to the client: all or nothing.
 *
 * @returns false when the token is no longer the job's: nothing was changed, the run does not count
 * @throws {DatabaseError} `outcome_unknown`: the same once more tells by `false` that it was stored, or that it does not
 *   count
 */
export async function finishJob(db: Database, run: FinishedRun): Promise<boolean> {
  const { statement, parameters } = bindFinish(run);
  const done = await db.query(statement, parameters);
  return done.length > 0;
}

/**
 * {@link finishJob}, and in the same transaction and round trip the claim of the next waiting job, for the slot that is free
 * now. Nothing of the claim hinders the result: where it fails, the run is finished without it.
 *
 * @returns `next`: `null` also when another claim came in between
 * @throws {DatabaseError} as `finishJob`; when a job was claimed as well, its lease runs out by itself
 * @see docs/adr/0020-finish-and-claim-in-one-transaction.md
 */
export async function finishAndClaimJob(
  db: Database,
  run: FinishedRun,
  claim: Claim,
): Promise<{ isStored: boolean; next: ClaimedJob | null }> {
  try {
    const [done = [], claimed] = await db.batch([bindFinish(run), bindClaim(claim)]);
    return { isStored: done.length > 0, next: readClaim(claimed) };
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code === 'outcome_unknown') throw error;
    return { isStored: await finishJob(db, run), next: null };
  }
}

function bindFinish({ jobId, leaseToken, outcome, gradingId, body }: FinishedRun): BoundStatement {
  return { statement: sql('finish_job'), parameters: [jobId, leaseToken, outcome, gradingId, body] };
}
