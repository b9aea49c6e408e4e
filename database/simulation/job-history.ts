import type { Queries } from '../connect.ts';
import { TIMINGS_CHARACTERS_MAX } from '../queue/inspect-job.ts';
import { sqlFile } from '../sql-blocks.ts';
import type { Submission } from './simulate.ts';

const sql = sqlFile(import.meta.url, 'job-history.sql');

/**
 * What came lately and was graded, as a trace to replay. A job that was put again counts once, as it was graded last, with
 * the delay of the place that it had then; one that was moved, as it was put.
 *
 * @param seconds how far back
 * @returns times from the first arrival on, submitters by a hash
 */
export async function listJobHistory(db: Queries, seconds: number): Promise<Submission[]> {
  const rows = await db.query<Submission>(sql('list_job_history'), [seconds, TIMINGS_CHARACTERS_MAX]);
  const first = rows[0]?.atSeconds ?? 0;
  return rows.map((row) => ({ ...row, atSeconds: row.atSeconds - first }));
}
