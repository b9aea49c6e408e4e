import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type ClaimedJob, claimJob, type Database, finishJob } from '@orca/database';
import { makeWorker } from './make-image.ts';

/** Claims the job that is due first, for a new worker. */
export async function claimByHand(db: Database): Promise<ClaimedJob> {
  const { workerId } = await makeWorker(db);
  const job = await claimJob(db, { workerId, leaseSeconds: 60 });
  assert.ok(job !== null, 'no job is due');
  return job;
}

/** Ends a claimed job with a result; returns the exact bytes of it. */
export async function finishByHand(
  db: Database,
  job: ClaimedJob,
  result: Record<string, unknown> = {},
): Promise<string> {
  const gradingId = `msg_${randomUUID().replaceAll('-', '')}`;
  const body = JSON.stringify({ key: job.key, shell_responses: [], errors: [], ...result });
  const { jobId, leaseToken } = job;
  assert.ok(await finishJob(db, { jobId, leaseToken, outcome: 'graded', gradingId, body }));
  return body;
}
