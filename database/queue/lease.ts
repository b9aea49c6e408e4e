import type { GradingJobConfig } from '@orca/protocol';
import type { Database, Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';
import { WORKER_ALIVE_SECONDS } from '../workers/workers.ts';
import { finishExhausted, RUNS_MAX } from './exhaust.ts';

const sql = sqlFile(import.meta.url, 'lease.sql');

/** How long a job waits after its first and second run that ended by our fault. */
const BACK_OFF_SECONDS: readonly number[] = [60, 300];
/** Long enough that jobs which find the same thing away do not keep all workers busy with asking. */
const NOT_NOW_SECONDS = 60;
const CAUSE_CHARACTERS_MAX = 1_000;

/**
 * Notes the container in which a job runs, so that others know that it is no orphan.
 *
 * @returns false when the token is no longer the job's
 */
export async function recordContainer(
  db: Queries,
  run: { jobId: number; leaseToken: string; container: string },
): Promise<boolean> {
  const noted = await db.query(sql('note_container'), [run.jobId, run.leaseToken, run.container]);
  return noted.length > 0;
}

/** Why a run is handed back, as {@link returnJob} says. */
export type ReturnReason = 'shutdown' | 'not_now' | 'fault';

/**
 * Hands back a job that was not graded to the end. It keeps its release time, and its place names it; its client is told
 * that it is in the queue again.
 *
 * @param run.reason `shutdown`: does not count, may start again at once. `not_now`: what all jobs like it need is away for a
 *   while; does not count, starts again after one minute. `fault`: ours; starts again after one minute, the second time
 *   after five, and the third ends it
 * @param run.cause for staff and the log, in words
 * @returns `exhausted`: that was its third run, its client gets `InfrastructureFailed`. `fenced`: the token is no longer
 *   the job's, nothing was changed
 */
export async function returnJob(
  db: Database,
  run: { jobId: number; leaseToken: string; reason: ReturnReason; cause: string },
): Promise<'returned' | 'exhausted' | 'fenced'> {
  const cause = run.cause.replaceAll('\0', '').slice(0, CAUSE_CHARACTERS_MAX);
  return db.transaction(async (tx) => {
    const [job] = await tx.query<{ faults: number; config: GradingJobConfig }>(sql('lock_run'), [
      run.jobId,
      run.leaseToken,
    ]);
    if (job === undefined) return 'fenced';
    const giveBack = (faults: number, lastFault: string | null, waitSeconds: number | null | undefined) =>
      tx.query(sql('return_run'), [run.jobId, faults, lastFault, waitSeconds]);
    switch (run.reason) {
      case 'shutdown':
        await giveBack(job.faults, null, null);
        return 'returned';
      case 'not_now':
        await giveBack(job.faults, cause, NOT_NOW_SECONDS);
        return 'returned';
      case 'fault': {
        const faults = job.faults + 1;
        if (faults >= RUNS_MAX) {
          await finishExhausted(tx, { ...run, key: job.config.key, cause });
          return 'exhausted';
        }
        await giveBack(faults, cause, BACK_OFF_SECONDS[faults - 1]);
        return 'returned';
      }
      default:
        return run.reason satisfies never;
    }
  });
}

/**
 * Puts a run whose image is not built any more into the holding pen, with its place, and asks for the image. It does not
 * count as an attempt.
 *
 * The caller tells the builders ({@link notifyImages}) afterwards.
 *
 * @returns `held`: its image is being built again, or its build has failed meanwhile ({@link settleHeldJobs} ends it).
 *   `returned`: the image is there by now, the job is back in the queue. `fenced`: the token is no longer the job's
 */
export async function holdJob(
  db: Database,
  run: { jobId: number; leaseToken: string },
): Promise<'held' | 'returned' | 'fenced'> {
  const { jobId, leaseToken } = run;
  return db.transaction(async (tx) => {
    const [image] = await tx.query<{ state: string }>(sql('lock_image_of_run'), [jobId, leaseToken]);
    const [job] = await tx.query<{ faults: number }>(sql('lock_run'), [jobId, leaseToken]);
    if (job === undefined) return 'fenced';
    if (image?.state === 'ready') {
      await tx.query(sql('return_run'), [jobId, job.faults, null, null]);
      return 'returned';
    }
    await tx.query(sql('request_image_of_run'), [jobId]);
    await tx.query(sql('hold_run'), [jobId]);
    return 'held';
  });
}

/** A container that the database knows to hold a job. */
export type KnownContainer = { container: string; workerId: string; alive: boolean };

/**
 * Lists the containers of all runs.
 *
 * @returns `alive` is false when the lease has run out and the worker gives no sign of life: then nobody will miss it.
 *   A container that is not in the list belongs to no run.
 */
export async function listKnownContainers(db: Queries): Promise<KnownContainer[]> {
  return db.query<KnownContainer>(sql('list_containers'), [`${WORKER_ALIVE_SECONDS} seconds`]);
}
