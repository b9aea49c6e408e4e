import { resultWithoutCommands } from '@orca/protocol';
import type { Database, Queries } from '../connect.ts';
import { notifyDeliveries, notifyRuns } from '../notify.ts';
import { sqlFile } from '../sql-blocks.ts';
import { makeGradingId } from './exhaust.ts';
import { type LockedJob, lockJobToSteer, noteSteering, type SteeredJob } from './lock-job.ts';
import { lockPlace } from './lock-place.ts';

const sql = sqlFile(import.meta.url, 'steer.sql');

const SENTENCE = 'The job was cancelled before it was finished. To have it graded, submit it again';

/** What became of a cancel. */
export type Cancelled =
  /** `from`: where it was. */
  | { kind: 'cancelled'; from: 'held' | 'waiting' | 'grading' }
  /** It had ended before, with this outcome. Nothing was changed. */
  | { kind: 'finished'; outcome: 'graded' | 'failed' | 'cancelled' }
  /** There is no such job, or none that may be seen. */
  | { kind: 'unknown' };

/**
 * Ends a job before its time, wherever it is: its client gets `JobCancelled`, once. The place that serves it goes with it,
 * so its submitter's other jobs keep theirs. A run in progress is told to stop, and its result counts no more; a run that
 * ends at the same moment either has come first, or too late.
 *
 * @throws {DatabaseError} `outcome_unknown`: the same once more tells by `finished` that it was cancelled
 * @see docs/job-lifecycle.md
 */
export async function cancelJob(db: Database, cancel: SteeredJob): Promise<Cancelled> {
  const cancelled = await db.transaction(async (tx): Promise<Cancelled> => {
    const job = await lockJobToSteer(tx, cancel);
    if (job === null) return { kind: 'unknown' };
    if (job.state === 'finished') return { kind: 'finished', outcome: job.outcome };
    await end(tx, job, job.state);
    await noteSteering(tx, cancel);
    return { kind: 'cancelled', from: job.state };
  });
  if (cancelled.kind !== 'cancelled') return cancelled;
  // Hints only: a worker learns it when it renews the lease, a server looks by itself.
  if (cancelled.from === 'grading') await notifyRuns(db, cancel.jobId).catch(() => undefined);
  await notifyDeliveries(db).catch(() => undefined);
  return cancelled;
}

async function end(tx: Queries, job: LockedJob, state: 'held' | 'waiting' | 'grading'): Promise<void> {
  const { id, config } = job;
  const placeId = state === 'grading' ? null : await lockPlace(tx, { id, state });
  const gradingId = makeGradingId();
  const result = resultWithoutCommands({
    key: config.key,
    gradingId,
    kind: 'JobCancelled',
    sentence: SENTENCE,
  });
  await tx.query(sql('cancel_job'), [id, placeId, gradingId, JSON.stringify(result)]);
}
