import pg from 'pg';
import { createOpenSockets } from '../open-sockets.ts';

const CONNECT_MS = 5_000;
/** A copy of the empty database: a slow disk takes seconds. */
const ANSWER_MS = 60_000;

/**
 * Makes a database on a server of our own, unless it is there.
 *
 * @throws {Error} when the server does not answer, or ends meanwhile
 */
export async function makeDatabase(url: string, database: string): Promise<void> {
  const maintenance = new URL(url);
  maintenance.pathname = '/postgres';
  const sockets = createOpenSockets();
  const client = new pg.Client({
    ...{ connectionString: maintenance.href, stream: sockets.open },
    ...{ connectionTimeoutMillis: CONNECT_MS, query_timeout: ANSWER_MS },
  });
  // What breaks fails the statement, too; without a listener it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const found = await client.query('select from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(database)}`);
  } finally {
    await sockets.endInOrder(client.end());
  }
}
