import pg from 'pg';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'fill-queue.sql');

/** How long each finished job of {@link fillQueue} was graded for, in seconds. */
export const FILLED_SECONDS_PER_JOB = 10;
const JOBS_PER_SUBMITTER = 3;

/**
 * Fills the queue of a test's database with so many waiting jobs at once, and a tenth as many finished ones, and lets
 * PostgreSQL count what is there.
 */
export async function fillQueue(
  databaseUrl: string,
  jobs: number,
  options: { submitters?: number } = {},
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'orca test' });
  await client.connect();
  try {
    await client.query('set synchronous_commit = off');
    await client.query(sql('fill_jobs').text, [
      jobs,
      options.submitters ?? Math.ceil(jobs / JOBS_PER_SUBMITTER),
    ]);
    await client.query(sql('fill_places').text);
    await client.query(sql('fill_finished').text, [Math.ceil(jobs / 10), FILLED_SECONDS_PER_JOB]);
    // What autovacuum does within a minute: statistics, and pages that need no second look.
    await client.query('vacuum analyze orca.jobs, orca.reservations');
  } finally {
    await client.end();
  }
}
