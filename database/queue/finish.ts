import type { Database } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';

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
  const { jobId, leaseToken, outcome, gradingId, body } = run;
  const done = await db.query(sql('finish_job'), [jobId, leaseToken, outcome, gradingId, body]);
  return done.length > 0;
}
