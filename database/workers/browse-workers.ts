import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';
import { WORKER_ALIVE_SECONDS } from './workers.ts';

const sql = sqlFile(import.meta.url, 'browse-workers.sql');

/** A worker as lists show it. */
export type ListedWorker = {
  workerId: string;
  hostname: string;
  version: string;
  /** Jobs at once. */
  slots: number;
  /** Workers with the same one see each other's containers. */
  engineId: string;
  /** It waits for work. */
  isIdle: boolean;
  /** Why it claims nothing at the moment; nothing when it can work. */
  troubles: string[];
  registeredAt: Date;
  beatAt: Date;
  /** It gave a sign of life within the last minute. */
  isAlive: boolean;
};

/** A job that is being graded now. */
export type ListedRun = {
  jobId: number;
  generation: number;
  client: string;
  workerId: string;
  claimedAt: Date;
  /** `null` as long as image and files are being fetched. */
  container: string | null;
  faults: number;
  /** Since its claim. */
  seconds: number;
};

/** One that died without a word is shown for so long. */
const SHOWN_SECONDS = 24 * 3600;
const WORKERS_SHOWN_MAX = 500;
const RUNS_SHOWN_MAX = 5_000;

/** The workers that have not ended in order, by host; at most 500. */
export async function listWorkers(db: Queries): Promise<ListedWorker[]> {
  const alive = `${WORKER_ALIVE_SECONDS} seconds`;
  return db.query(sql('list_workers'), [alive, SHOWN_SECONDS, WORKERS_SHOWN_MAX]);
}

/** All jobs that are being graded, by worker; at most 5,000. */
export async function listRuns(db: Queries): Promise<ListedRun[]> {
  return db.query(sql('list_runs'), [RUNS_SHOWN_MAX]);
}
