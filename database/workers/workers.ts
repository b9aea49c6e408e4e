import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'workers.sql');

/** A worker that gave no sign of life for so long counts as dead. */
export const WORKER_ALIVE_SECONDS = 60;

/** A worker, as it presents itself at its start. */
export type NewWorker = {
  workerId: string;
  hostname: string;
  /** SHA-256 of the token with which it fetches images. */
  tokenHash: Buffer;
  version: string;
  /** Jobs at once. */
  slots: number;
  /** The engine's own id: workers with the same one see each other's containers. */
  engineId: string;
};

/** Makes a worker known, or known again. */
export async function registerWorker(db: Queries, worker: NewWorker): Promise<void> {
  const { workerId, hostname, tokenHash, version, slots, engineId } = worker;
  await db.query(sql('register_worker'), [workerId, hostname, tokenHash, version, slots, engineId]);
}

/**
 * A sign of life.
 *
 * @param changes.troubles why it claims nothing at the moment, in words; nothing when it can work
 * @returns false when the worker is not known, or retired: it has to register
 */
export async function beatWorker(
  db: Queries,
  workerId: string,
  changes: { slots?: number; engineId?: string; troubles?: readonly string[] } = {},
): Promise<boolean> {
  const rows = await db.query(sql('beat_worker'), [
    workerId,
    changes.slots ?? null,
    changes.engineId ?? null,
    changes.troubles ?? [],
  ]);
  return rows.length > 0;
}

/**
 * Says whether a worker waits for work: idle ones are notified.
 *
 * A worker that becomes idle claims once more afterwards, before it waits: what was queued in between was not announced.
 */
export async function setWorkerIdle(db: Queries, workerId: string, idle: boolean): Promise<void> {
  await db.query(sql('set_worker_idle'), [workerId, idle]);
}

/** Says that a worker has ended in order; its runs must have been finished or handed back. */
export async function retireWorker(db: Queries, workerId: string): Promise<void> {
  await db.query(sql('retire_worker'), [workerId]);
}

/**
 * The hash of the token with which a worker fetches images.
 *
 * @returns `null` when there is no such worker, it is retired, or it gave no sign of life for a minute
 */
export async function findWorkerToken(db: Queries, workerId: string): Promise<Buffer | null> {
  const [worker] = await db.query<{ tokenHash: Buffer }>(sql('find_worker_token'), [
    workerId,
    `${WORKER_ALIVE_SECONDS} seconds`,
  ]);
  return worker?.tokenHash ?? null;
}

/** The ids of the workers that gave a sign of life within the last minute or have a run, and of image builders that have a build. */
export async function listLiveWorkers(db: Queries): Promise<string[]> {
  const rows = await db.query<{ id: string }>(sql('list_live_workers'), [`${WORKER_ALIVE_SECONDS} seconds`]);
  return rows.map(({ id }) => id);
}
