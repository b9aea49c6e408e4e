import type { GradingJobConfig } from '@orca/protocol';
import { type Database, RepeatTransaction } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';
import { submitterOf } from './identify.ts';
import { labelsOf } from './label-job.ts';
import { noteSteering, type SteeredJob } from './lock-job.ts';
import { planEnqueue } from './plan-enqueue.ts';

const sql = sqlFile(import.meta.url, 'bulk.sql');

type LockedJob = { state: string; imageSha: string; client: string; config: GradingJobConfig };

/** What became of a regrade. */
export type Regraded =
  | { kind: 'regraded'; location: 'Queue' | 'HoldingPen' }
  /** It has not finished yet, or is being graded again. Nothing was changed. */
  | { kind: 'not_finished' }
  /** Its image is not there, and its last build failed. Nothing was changed. */
  | { kind: 'unknown_image' }
  /** There is no such job, or none that may be seen. */
  | { kind: 'unknown' };

/**
 * Has a finished job graded once more, as it is: its next generation, with a new place and no delay. A result that is not
 * delivered yet is dropped.
 *
 * The caller wakes workers or builders afterwards.
 */
export async function regradeJob(db: Database, regrade: SteeredJob): Promise<Regraded> {
  const { jobId, clients } = regrade;
  return db.transaction(async (tx): Promise<Regraded> => {
    const [image] = await tx.query<{ sha: string; state: string }>(sql('lock_image_to_regrade'), [jobId]);
    const [job] = await tx.query<LockedJob>(sql('lock_job_to_regrade'), [jobId, clients]);
    if (job === undefined) return { kind: 'unknown' };
    if (job.state !== 'finished') return { kind: 'not_finished' };
    if (image !== undefined && image.sha !== job.imageSha)
      throw new RepeatTransaction('the job was put with another image meanwhile');
    const plan = planEnqueue(null, { image: image?.state ?? null, hasSameContent: true, immediate: false });
    if (plan.kind === 'refuse') return { kind: 'unknown_image' };
    if (plan.state === 'held') await tx.query(sql('request_image_to_regrade'), [job.imageSha]);
    const { client, config } = job;
    const whose = [
      submitterOf(client, config.collation),
      labelsOf({ client, collation: config.collation, config }),
    ];
    await tx.query(sql('regrade_job'), [jobId, plan.state, ...whose]);
    await noteSteering(tx, regrade);
    return { kind: 'regraded', location: plan.state === 'held' ? 'HoldingPen' : 'Queue' };
  });
}
