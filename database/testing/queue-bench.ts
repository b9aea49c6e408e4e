import pg from 'pg';
import { insertParameters, type NewJob } from '../queue/enqueue.ts';
import { identifyJob } from '../queue/identify.ts';
import { type Turn, turnParameters } from '../queue/turn.ts';
import { type SqlStatement, sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'queue-bench.sql');
const enqueueSql = sqlFile(import.meta.url, '../queue/enqueue.sql');
const turnSql = sqlFile(import.meta.url, '../queue/turn.sql');

/** Rows that one statement inserts when a line is filled: few round trips, and no giant transaction. */
const FILL_ROWS = 10_000;

/** A statement ready for node-postgres, prepared under its name. */
export type HandQuery = { name: string; text: string; values: unknown[] };

/** The queue's own statements as {@link enqueueJob} and {@link takeTurn} send them, for sending by hand. */
export const handQueries = {
  /** Gives the job's id as `id`. */
  enqueue(job: NewJob): HandQuery {
    return query(enqueueSql('insert_ready_job'), insertParameters(job, identifyJob(job)));
  },
  /** Gives a `kind`; with `claimed` `jobId` and `leaseToken`, and with `missed` it is worth another try. */
  takeTurn(turn: Turn): HandQuery {
    return query(turnSql('take_turn'), turnParameters(turn));
  },
  /** The result and the two deliveries of a run, without the job; after {@link allowStrangeJobs}. */
  rowsOfRun(jobId: number, gradingId: string, body: string, client: string): HandQuery {
    return query(sql('write_rows_of_run'), [jobId, gradingId, body, client]);
  },
};

/**
 * Puts many jobs in line with few statements. Nothing is checked, and nobody is told.
 *
 * @param range.first number of the first job; no number may be used twice
 * @param sample what the jobs are like; in its `config` each `placeholder` becomes the job's number
 */
export async function fillLine(
  url: string,
  range: { first: number; count: number },
  sample: { job: NewJob; placeholder: string },
): Promise<void> {
  const { client, responseUrl, config } = sample.job;
  const job = [client, responseUrl, JSON.stringify(config), sample.placeholder, config.grader_image_sha];
  await withConnection(url, async (connection) => {
    const end = range.first + range.count;
    for (let first = range.first; first < end; first += FILL_ROWS) {
      const last = Math.min(first + FILL_ROWS, end) - 1;
      await connection.query(query(sql('fill_line'), [first, last, ...job]));
    }
  });
}

/** Lets results and deliveries name jobs that are not Orca's, in the database of another queue that writes the same rows. */
export async function allowStrangeJobs(url: string): Promise<void> {
  await withConnection(url, async (connection) => {
    await connection.query('alter table orca.results drop constraint if exists results_job_id_fkey');
    await connection.query('alter table orca.deliveries drop constraint if exists deliveries_job_id_fkey');
  });
}

/** Makes a table with nothing but a key and a JSON. */
export async function makePlainTable(url: string): Promise<void> {
  await withConnection(url, async (connection) => {
    await connection.query(
      'create table plain_jobs (id bigint generated always as identity primary key, config json not null)',
    );
  });
}

/** The barest insert of a job, into the table of {@link makePlainTable}. Not a block: no migrated database has that table. */
export function plainInsert(config: string): HandQuery {
  const text = 'insert into plain_jobs (config) values ($1) returning id';
  return { name: 'insert_plain_job', text, values: [config] };
}

/** Brings a database to rest after a lot of writing: vacuumed, its statistics and visibility map true, its pages on the disk. */
export async function settleDatabase(url: string): Promise<void> {
  await withConnection(url, async (connection) => {
    await connection.query('vacuum (analyze)');
    await connection.query('checkpoint');
  });
}

/** Makes an empty database beside the one of `url`; one that is there under this name goes. @returns its URL */
export async function makeDatabase(url: string, name: string): Promise<string> {
  await withConnection(url, async (connection) => {
    const database = connection.escapeIdentifier(name);
    await connection.query(`drop database if exists ${database} with (force)`);
    await connection.query(`create database ${database}`);
  });
  const made = new URL(url);
  made.pathname = `/${name}`;
  return made.href;
}

/** What a server says of itself, such as `18.4`. */
export async function serverVersion(url: string): Promise<string> {
  return await withConnection(url, async (connection) => {
    const { rows } = await connection.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version ?? 'unknown';
  });
}

function query({ name, text }: SqlStatement, values: unknown[]): HandQuery {
  return { name, text, values };
}

async function withConnection<T>(url: string, run: (connection: pg.Client) => Promise<T>): Promise<T> {
  const connection = new pg.Client({ connectionString: url, application_name: 'orca bench' });
  await connection.connect();
  try {
    return await run(connection);
  } finally {
    await connection.end();
  }
}
