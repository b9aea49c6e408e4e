import type { JobState } from '@orca/protocol';
import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';
import { GRACE_AFTER_START_SECONDS } from './claim.ts';

const sql = sqlFile(import.meta.url, 'look.sql');

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
 * Where a job is, for the status routes.
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
    case 'waiting': {
      const [place] = await db.query<{ ahead: number; releasedInSeconds: number }>(
        sql('find_waiting_place'),
        [String(jobId)],
      );
      // A worker has taken it between the two looks.
      return place === undefined ? { kind: 'grading' } : { kind: 'waiting', ...place };
    }
    default:
      return job satisfies never;
  }
}

type JobRow =
  | { state: 'held' | 'waiting' | 'grading'; outcome: null }
  | { state: 'finished'; outcome: 'graded' | 'failed' | 'cancelled' };

/** How many jobs wait to be graded, those in the holding pen included. */
export async function countJobs(db: Queries): Promise<number> {
  const [row] = await db.query<{ jobs: number }>(sql('count_jobs'));
  return row?.jobs ?? 0;
}
