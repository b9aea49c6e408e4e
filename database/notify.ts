import type { Database } from './connect.ts';
import { sqlFile } from './sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'notify.sql');

/**
 * Tells idle workers that work is due or will be soon. Sends nothing when none is idle.
 *
 * Sent after the write has been committed, never in its transaction: a NOTIFY in each commit makes all commits wait for
 * one another.
 */
export async function notifyJobs(db: Database): Promise<void> {
  await db.query(sql('notify_jobs'));
}

/** Tells the servers that there is something to POST. */
export async function notifyDeliveries(db: Database): Promise<void> {
  await db.query(sql('notify_deliveries'));
}

/** Tells the worker that grades a job to look at its lease: the run was superseded or cancelled. */
export async function notifyRuns(db: Database, jobId: number): Promise<void> {
  await db.query(sql('notify_runs'), [String(jobId)]);
}

/** Tells the image builders that there is something to build. */
export async function notifyImages(db: Database): Promise<void> {
  await db.query(sql('notify_images'));
}
