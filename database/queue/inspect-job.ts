import type { GradingJobConfig, Timings } from '@orca/protocol';
import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';
import { identityOf, type JobName } from './identify.ts';

const sql = sqlFile(import.meta.url, 'inspect-job.sql');

/** A job's row, without what only its client may know. */
export type JobRow = {
  jobId: number;
  client: string;
  state: 'held' | 'waiting' | 'grading' | 'finished';
  generation: number;
  collation: GradingJobConfig['collation'];
  metadata: GradingJobConfig['metadata_table'];
  imageSha: string;
  isImmediate: boolean;
  /** Of its present place. */
  arrivedAt: Date;
  /** `null` unless it is being graded; for one that waits see {@link findJobPlace}. */
  releaseAt: Date | null;
  /** When its last run of this generation began. */
  claimedAt: Date | null;
  finishedAt: Date | null;
  /** Runs of this generation that ended by our fault. */
  faults: number;
  lastFault: string | null;
  /** While it is being graded. */
  workerId: string | null;
  container: string | null;
  outcome: 'graded' | 'failed' | 'cancelled' | null;
  /** The database's clock, which all of these times are of. */
  now: Date;
};

/** What a run took, as its result says; one of an older worker does not tell the unpacking. */
export type StoredTimings = Omit<Timings, 'unpack_ms'> & Partial<Pick<Timings, 'unpack_ms'>>;

/** A result, without its body. */
export type ListedResult = {
  generation: number;
  outcome: 'graded' | 'failed' | 'cancelled';
  gradingId: string;
  madeAt: Date;
  /** `null` where no run came to an end. */
  timings: StoredTimings | null;
};

const RESULTS_SHOWN_MAX = 20;
/** Of the timings in a result: seven names and numbers. */
export const TIMINGS_CHARACTERS_MAX = 400;

/** Looks a job up for those who want to know why it is where it is; `null` when there is none. */
export async function findJobRow(db: Queries, jobId: number): Promise<JobRow | null> {
  const [row] = await db.query<JobRow>(sql('find_job_details'), [jobId]);
  return row ?? null;
}

/** The id of the job that a client knows by its own key; `null` when there is none. */
export async function findJobId(db: Queries, name: JobName): Promise<number | null> {
  const [row] = await db.query<{ jobId: number }>(sql('find_job_id'), [identityOf(name)]);
  return row?.jobId ?? null;
}

/**
 * The place of a job that waits or is held.
 *
 * @returns `notBefore`: a run failed by our fault, or could not be then, and it is not tried earlier; `null` when the job has no place
 */
export async function findJobPlace(
  db: Queries,
  jobId: number,
): Promise<{ releaseAt: Date; notBefore: Date | null } | null> {
  const [place] = await db.query<{ releaseAt: Date; notBefore: Date | null }>(sql('find_job_place'), [jobId]);
  return place ?? null;
}

/** The last results of a job, the newest generation first. A generation without one was superseded, or has not ended. */
export async function listResults(db: Queries, jobId: number): Promise<ListedResult[]> {
  const rows = await db.query<Omit<ListedResult, 'timings'> & { timings: string | null }>(
    sql('list_results'),
    [jobId, RESULTS_SHOWN_MAX, TIMINGS_CHARACTERS_MAX],
  );
  return rows.map(({ timings, ...result }) => ({
    ...result,
    // What a worker wrote, byte for byte.
    timings: timings === null ? null : (JSON.parse(timings) satisfies StoredTimings),
  }));
}

/**
 * The result that a client is or was POSTed.
 *
 * @param generation `null` for the last that has one
 * @returns `body`: the exact bytes, as JSON; `null` when there is none
 */
export async function findResult(
  db: Queries,
  jobId: number,
  generation: number | null,
): Promise<{ generation: number; gradingId: string; body: string } | null> {
  const [result] = await db.query<{ generation: number; gradingId: string; body: string }>(
    sql('find_result'),
    [jobId, generation],
  );
  return result ?? null;
}
