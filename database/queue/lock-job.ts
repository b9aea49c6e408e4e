import type { GradingJobConfig } from '@orca/protocol';
import { type AuditEntry, noteAudit } from '../audit-trail/audit-trail.ts';
import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'steer.sql');

/** A job that somebody wants to move or cancel. */
export type SteeredJob = {
  jobId: number;
  /** The clients whose jobs may be touched, `null` for all. */
  clients: readonly string[] | null;
  /** Who wants it, for the audit trail: written with the change, or not at all. */
  audit?: AuditEntry;
};

/** Writes down who changed a job, in the transaction that changes it. */
export async function noteSteering(tx: Queries, { audit }: SteeredJob): Promise<void> {
  if (audit !== undefined) await noteAudit(tx, audit);
}

/** A job whose row is locked. */
export type LockedJob = { id: number; config: GradingJobConfig } & (
  | { state: 'held' | 'waiting' | 'grading'; outcome: null }
  | { state: 'finished'; outcome: 'graded' | 'failed' | 'cancelled' }
);

/**
 * Locks a job's row: whatever happens to the job waits until the transaction ends.
 *
 * @returns `null` when there is none that may be touched
 */
export async function lockJobToSteer(tx: Queries, { jobId, clients }: SteeredJob): Promise<LockedJob | null> {
  const [job] = await tx.query<LockedJob>(sql('lock_job_to_steer'), [jobId, clients]);
  return job ?? null;
}
