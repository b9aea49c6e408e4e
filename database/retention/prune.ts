import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'prune.sql');

/** How long what has ended is kept. */
export type Retention = {
  /** A finished job, with its results, deliveries and their tries; a result that is still to be delivered keeps it longer. */
  jobSeconds: number;
  /** So many finished jobs at most, the newest; `null`: any number. */
  jobsMax: number | null;
  /** A worker that has ended, or was silent for so long. */
  workerSeconds: number;
};

/** How much one call has removed, and whether there may be more. */
export type Pruned = { jobs: number; imageDeliveries: number; workers: number; isMore: boolean };

/** Rows removed by one statement: so few that it holds up nobody. */
export const PRUNE_BATCH = 200;

/**
 * Removes what is older than it is kept: one small batch of each kind. Safe beside everything, and beside other servers
 * that do it too.
 *
 * @returns how much went; the caller calls again while `isMore`
 * @throws {DatabaseError}
 */
export async function prune(db: Queries, { jobSeconds, jobsMax, workerSeconds }: Retention): Promise<Pruned> {
  const count = async (statement: ReturnType<typeof sql>, parameters: unknown[]): Promise<number> =>
    (await db.query(statement, parameters)).length;
  const old = await count(sql('prune_finished_jobs'), [jobSeconds, PRUNE_BATCH]);
  const excess = jobsMax === null ? 0 : await count(sql('prune_excess_jobs'), [jobsMax, PRUNE_BATCH]);
  const imageDeliveries = await count(sql('prune_image_deliveries'), [jobSeconds, PRUNE_BATCH]);
  const workers = await count(sql('prune_workers'), [workerSeconds]);
  const isMore = [old, excess, imageDeliveries].includes(PRUNE_BATCH);
  return { jobs: old + excess, imageDeliveries, workers, isMore };
}
