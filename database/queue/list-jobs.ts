import type { Collation } from '@orca/protocol';
import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';
import { type JobFilter, lineUp, sampleLine } from './line-up.ts';

const sql = sqlFile(import.meta.url, 'list-jobs.sql');

/** A waiting job as lists show it: nothing of what it is graded with, and no secret. */
export type ListedJob = {
  jobId: number;
  client: string;
  collation: Collation;
  metadata: Record<string, string>;
  /** As it came: the delay in seconds that was asked for. */
  priority: number;
  generation: number;
  isImmediate: boolean;
  imageSha: string;
  /** Runs of this generation that ended by our fault. */
  faults: number;
  arrivedAt: Date;
  /** Of the place that serves it, or the end of its back-off; `null` when it is not known. */
  releaseAt: Date | null;
  isReleased: boolean | null;
};

/** Times in milliseconds; all 0 when `num` is. */
export type TimeStats = { avg: number; min: number; max: number; num: number };

/** What the waiting jobs are like. Where `isExact` is false it is worked out from a sample. */
export type QueueSummary = {
  total: number;
  isExact: boolean;
  /** Since their arrival. */
  all: TimeStats;
  /** Those that are released, since their release. */
  released: TimeStats;
  /** Metadata fields in use, each with its commonest values first. */
  fields: [field: string, values: string[]][];
};

/** Most metadata fields of a summary, those in most jobs; and most values of one. */
const FIELDS_MAX = 50;
const VALUES_MAX = 100;

/**
 * A page of the jobs that wait to be graded, in the order of {@link lineUp}. Jobs in the holding pen are not among them.
 *
 * @param page.matches how many the filter lets through, about; see {@link lineUp}
 */
export async function listWaitingJobs(
  db: Queries,
  filter: JobFilter,
  page: { offset: number; limit: number; matches: number },
): Promise<ListedJob[]> {
  const jobs = await lineUp(db, filter, page);
  return db.query<ListedJob>(sql('list_waiting_jobs'), idsAndTimes(jobs));
}

/**
 * What the waiting jobs that a filter lets through are like: all of them up to 10,000, a sample of more.
 *
 * Numbers from a sample are right within some percent; a rare value may be missing from it.
 */
export async function summariseQueue(db: Queries, filter: JobFilter): Promise<QueueSummary> {
  const { jobs, labels, scale } = await sampleLine(db, filter);
  const [row] = await db.query<SummaryRow>(sql('summarise_waiting_jobs'), [
    ...idsAndTimes(jobs),
    ...[FIELDS_MAX, VALUES_MAX, labels],
  ]);
  if (row === undefined) throw new Error('Cannot summarise the queue: the statement gave no row');
  const total = Math.round(row.jobs * scale);
  const released = Math.round(row.released * scale);
  return {
    total,
    isExact: scale === 1,
    all: timeStats(total, row.waitedAvg, row.waitedMin, row.waitedMax),
    released: timeStats(released, row.releasedAvg, row.releasedMin, row.releasedMax),
    fields: row.fields,
  };
}

type SummaryRow = {
  jobs: number;
  waitedAvg: number | null;
  waitedMin: number | null;
  waitedMax: number | null;
  released: number;
  releasedAvg: number | null;
  releasedMin: number | null;
  releasedMax: number | null;
  fields: [field: string, values: string[]][];
};

/** Whole milliseconds. An aggregate of nothing is null in SQL. */
function timeStats(num: number, avg: number | null, min: number | null, max: number | null): TimeStats {
  return { avg: Math.round(avg ?? 0), min: Math.round(min ?? 0), max: Math.round(max ?? 0), num };
}

function idsAndTimes(jobs: readonly { jobId: number; releaseAt: Date | null }[]): unknown[] {
  return [jobs.map(({ jobId }) => jobId), jobs.map(({ releaseAt }) => releaseAt)];
}
