import type { GradingPace, JobState } from '@orca/protocol';
import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';
import { WORKER_ALIVE_SECONDS } from '../workers/workers.ts';
import { GRACE_AFTER_START_SECONDS } from './claim.ts';

const sql = sqlFile(import.meta.url, 'look.sql');

/** So many places ahead are counted; more are estimated, from so many pages of the table. */
const AHEAD_COUNTED_MAX = 1_000;
const SAMPLE_PAGES = 100;
/** So many newer jobs of the same submitter are counted. */
const OWN_JOBS_COUNTED_MAX = 10_000;
/** The last jobs tell how long one takes; fewer than these say nothing. */
const PACE_JOBS_MAX = 100;
const PACE_JOBS_MIN = 20;

/**
 * How long nothing will be due: until the next release, the end of a back-off, or the end of a lease that may be taken
 * over.
 *
 * @returns milliseconds, 0 when something may be due already; `null` when nothing is waiting or running
 */
export async function nextReleaseMs(db: Queries): Promise<number | null> {
  const [row] = await db.query<{ ms: number }>(sql('next_release'), [GRACE_AFTER_START_SECONDS]);
  return row === undefined ? null : Math.ceil(row.ms);
}

/**
 * Where a job is, for the status routes. What it costs does not grow with the queue: a position beyond 1,000 is estimated.
 *
 * @param jobId any number; one that no job can have is unknown
 */
export async function jobState(db: Queries, jobId: bigint | number): Promise<JobState> {
  if (jobId < 1 || !Number.isSafeInteger(Number(jobId))) return { kind: 'unknown' };
  const [job] = await db.query<JobRow>(sql('find_job_state'), [String(jobId)]);
  if (job === undefined) return { kind: 'unknown' };
  switch (job.state) {
    case 'held':
    case 'grading':
      return { kind: job.state };
    case 'finished':
      return { kind: 'finished', outcome: job.outcome };
    case 'waiting':
      // A worker has taken it between the two looks.
      return (await findPlace(db, jobId)) ?? { kind: 'grading' };
    default:
      return job satisfies never;
  }
}

type JobRow =
  | { state: 'held' | 'waiting' | 'grading'; outcome: null }
  | { state: 'finished'; outcome: 'graded' | 'failed' | 'cancelled' };

type PlaceRow = { releasedInSeconds: number; isFurther: boolean; counted: number; estimated: number | null };

async function findPlace(db: Queries, jobId: bigint | number): Promise<JobState | null> {
  const [place] = await db.query<PlaceRow>(sql('find_waiting_place'), [
    ...[String(jobId), OWN_JOBS_COUNTED_MAX, AHEAD_COUNTED_MAX, SAMPLE_PAGES],
  ]);
  if (place === undefined) return null;
  const { releasedInSeconds, isFurther, counted, estimated } = place;
  const ahead = Math.max(counted, Math.round(estimated ?? 0));
  if (isFurther) return { kind: 'waiting', releasedInSeconds, ahead, aheadIs: 'at_least' };
  return { kind: 'waiting', releasedInSeconds, ahead, aheadIs: estimated === null ? 'exact' : 'about' };
}

/**
 * How fast jobs are graded at present, from those that ended in the last hour.
 *
 * @returns `null` when too few have, or no worker is there
 */
export async function gradingPace(db: Queries): Promise<GradingPace | null> {
  const [row] = await db.query<{ slots: number; jobs: number; secondsPerJob: number | null }>(
    sql('measure_pace'),
    [PACE_JOBS_MAX, WORKER_ALIVE_SECONDS],
  );
  if (row === undefined || row.secondsPerJob === null) return null;
  if (row.jobs < PACE_JOBS_MIN || row.slots === 0) return null;
  return { slots: row.slots, secondsPerJob: row.secondsPerJob };
}

/** How many jobs wait to be graded, those in the holding pen included. */
export async function countJobs(db: Queries): Promise<number> {
  const [row] = await db.query<{ jobs: number }>(sql('count_jobs'));
  return row?.jobs ?? 0;
}
