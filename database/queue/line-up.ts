import type { Collation } from '@orca/protocol';
import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';
import { labelText } from './label-job.ts';

const sql = sqlFile(import.meta.url, 'line-up.sql');

/** Which of the waiting jobs are meant: those that have all of it. */
export type JobFilter = {
  /** Hostnames; `null`: those of all clients. */
  clients: readonly string[] | null;
  collation?: Partial<Collation>;
  /** A field of `metadata_table`, and its value. */
  metadata?: { field: string; value: string };
};

/** A job in its place, and when it is or was released: at the end of a back-off, when it waits one out. */
export type JobInLine = { jobId: number; releaseAt: Date | null };

/** So many jobs are looked at one by one; of more, those at the front, or a sample. */
export const EXACT_MAX = 10_000;
/** So many places at the front are looked through for jobs of which there are too many. */
export const FRONT_PLACES = 20_000;
/** Pages of the table of places: a place takes about 90 bytes of 8,192. */
const SAMPLE_PAGES = 60;
const COUNT_PAGES = 1_000;
const SAMPLE_PLACES_MAX = 20_000;

/**
 * A page of the waiting jobs that a filter lets through, in the order in which they will be graded if nothing comes.
 *
 * What it costs does not grow with the queue.
 *
 * @param page.matches how many the filter lets through, about. Of more than {@link EXACT_MAX} only those are found whose
 *   places are among the first {@link FRONT_PLACES}
 */
export async function lineUp(
  db: Queries,
  filter: JobFilter,
  page: { offset: number; limit: number; matches: number },
): Promise<JobInLine[]> {
  const { offset, limit, matches } = page;
  const labels = labelsToFind(filter);
  if (labels === null) return db.query<JobInLine>(sql('line_up_first'), [offset, limit]);
  if (matches > EXACT_MAX)
    return db.query<JobInLine>(sql('line_up_first_labelled'), [offset, limit, FRONT_PLACES, labels]);
  return db.query<JobInLine>(sql('line_up_labelled'), [offset, limit, EXACT_MAX, EXACT_MAX, labels]);
}

/** Waiting jobs that stand for all. */
export type LineSample = {
  jobs: JobInLine[];
  /** What has to be asked of these jobs still; `null`: nothing. */
  labels: readonly string[] | null;
  /** How many waiting jobs one of these stands for; 1: these are all. */
  scale: number;
};

/** All waiting jobs that a filter lets through where there are at most {@link EXACT_MAX}, else a sample of the line. */
export async function sampleLine(db: Queries, filter: JobFilter): Promise<LineSample> {
  const jobs = await lineUp(db, filter, { offset: 0, limit: EXACT_MAX, matches: 0 });
  if (jobs.length < EXACT_MAX) return { jobs, labels: null, scale: 1 };
  const [line] = await db.query<{ pages: number }>(sql('measure_line'));
  const percent = (pages: number): number => Math.min(100, (100 * pages) / (line?.pages ?? pages));
  const counted = await db.query<{ places: number }>(sql('count_line_sample'), [percent(COUNT_PAGES)]);
  const places = ((counted[0]?.places ?? 0) * 100) / percent(COUNT_PAGES);
  const sampled = await db.query<JobInLine>(sql('line_up_sample'), [
    percent(SAMPLE_PAGES),
    SAMPLE_PLACES_MAX,
  ]);
  return { jobs: sampled, labels: labelsToFind(filter), scale: places / Math.max(1, sampled.length) };
}

/** Labels of which a job must have one; `null`: none. */
function labelsToFind({ clients, collation, metadata }: JobFilter): string[] | null {
  const others = {
    ...(collation === undefined ? {} : { collation }),
    ...(metadata === undefined ? {} : { metadata: { [metadata.field]: metadata.value } }),
  };
  if (clients !== null) return clients.map((client) => labelText({ client, ...others }));
  return Object.keys(others).length === 0 ? null : [labelText(others)];
}
