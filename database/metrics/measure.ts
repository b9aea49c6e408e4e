import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';
import { WORKER_ALIVE_SECONDS } from '../workers/workers.ts';

const sql = sqlFile(import.meta.url, 'measure.sql');

/** The queue at one moment. */
export type QueueDepth = {
  /** Jobs that wait for their image. */
  held: number;
  /** Those that could be graded now. */
  released: number;
  /** Those whose release is still to come. */
  delayed: number;
  /** Those that wait some minutes after a fault of ours. */
  backingOff: number;
  grading: number;
  /** How long the first in line has been released, 0 when nobody is. */
  oldestReleasedSeconds: number;
};

/** The workers at one moment. */
export type WorkerStrength = {
  alive: number;
  /** Those of them that cannot work. */
  troubled: number;
  /** Jobs at once, of those that can. */
  slots: number;
  /** How long a job took lately, in seconds; `null` before the first. */
  meanJobSeconds: number | null;
};

/** Counts the queue. */
export async function measureQueue(db: Queries): Promise<QueueDepth> {
  const [depth] = await db.query<QueueDepth>(sql('count_places'));
  if (depth === undefined) throw new Error('Cannot count the queue: the database gave no row');
  return depth;
}

/** How long the first of the jobs that wait for their image has waited for nothing else, in seconds; 0 when none does. */
export async function measureImageWait(db: Queries): Promise<number> {
  const [wait] = await db.query<{ seconds: number }>(sql('wait_for_images'));
  return wait?.seconds ?? 0;
}

/** Counts what clients are owed, and for how long, in seconds. */
export async function measureDeliveries(db: Queries): Promise<{ pending: number; oldestSeconds: number }> {
  const [owed] = await db.query<{ pending: number; oldestSeconds: number }>(sql('count_deliveries'));
  return owed ?? { pending: 0, oldestSeconds: 0 };
}

/** Counts images by their state. */
export async function countImages(db: Queries): Promise<{ state: string; images: number }[]> {
  return db.query<{ state: string; images: number }>(sql('count_images_by_state'));
}

/** Counts the workers, and what they can do. */
export async function measureWorkers(db: Queries): Promise<WorkerStrength> {
  const [strength] = await db.query<WorkerStrength>(sql('measure_workers'), [
    `${WORKER_ALIVE_SECONDS} seconds`,
  ]);
  return strength ?? { alive: 0, troubled: 0, slots: 0, meanJobSeconds: null };
}

/**
 * How many slots it takes to empty the line, as it is now, within a time.
 *
 * @param withinSeconds in which every job that is released now should have begun
 * @returns at least what runs now; 0 on an empty queue
 */
export function wantedSlots(
  depth: Pick<QueueDepth, 'released' | 'grading'>,
  meanJobSeconds: number | null,
  withinSeconds: number,
): number {
  if (depth.released === 0) return depth.grading;
  // Nothing is known yet: one is enough to find out.
  if (meanJobSeconds === null) return Math.max(1, depth.grading);
  return Math.max(1, depth.grading, Math.ceil((depth.released * meanJobSeconds) / withinSeconds));
}
