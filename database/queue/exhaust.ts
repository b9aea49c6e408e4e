import { randomUUID } from 'node:crypto';
import { resultWithoutCommands } from '@orca/protocol';
import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';
import { finishJob } from './finish.ts';

const sql = sqlFile(import.meta.url, 'exhaust.sql');

/** A generation is run so often at most, not counting runs that an orderly shutdown cut off. */
export const RUNS_MAX = 3;

const SENTENCE =
  `The grading service failed ${RUNS_MAX} times in a row on this job. This is no fault of the submission; ` +
  'submit it again later, or ask the staff of the service';

/** Makes the id under which a result is known and POSTed. */
export function makeGradingId(): string {
  return `msg_${randomUUID().replaceAll('-', '')}`;
}

/**
 * Ends a job that our own faults did not let end: its client gets `InfrastructureFailed`.
 *
 * @param run.cause for staff; the client is not told
 * @param tx a transaction that has locked the job's row
 */
export async function finishExhausted(
  tx: Queries,
  run: { jobId: number; leaseToken: string; key: string; cause: string },
): Promise<void> {
  const gradingId = makeGradingId();
  const kind = 'InfrastructureFailed';
  const body = JSON.stringify(resultWithoutCommands({ key: run.key, gradingId, kind, sentence: SENTENCE }));
  await tx.query(sql('note_last_fault'), [run.jobId, run.leaseToken, run.cause, RUNS_MAX]);
  await finishJob(tx, { jobId: run.jobId, leaseToken: run.leaseToken, outcome: 'failed', gradingId, body });
}
