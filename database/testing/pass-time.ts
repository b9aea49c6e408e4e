import pg from 'pg';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'pass-time.sql');

/**
 * Lets time pass in a test's database, by making all of its times earlier: what was due in an hour is due now. No test
 * waits for time.
 *
 * @param database a URL, or a connection, to a database that only this test uses
 */
export async function passTime(database: string | pg.Client, seconds: number): Promise<void> {
  if (typeof database !== 'string') return shiftTimes(database, seconds);
  const client = new pg.Client({ connectionString: database, application_name: 'orca test' });
  await client.connect();
  try {
    await shiftTimes(client, seconds);
  } finally {
    await client.end();
  }
}

async function shiftTimes(client: pg.Client, seconds: number): Promise<void> {
  const columns = await client.query<{ table: string; column: string }>(sql('list_time_columns').text);
  const byTable = Map.groupBy(columns.rows, ({ table }) => table);
  const interval = `make_interval(secs => ${Number(seconds)})`;
  const updates = [...byTable].map(([table, times]) => {
    const changes = times
      .map(({ column }) => client.escapeIdentifier(column))
      .map((name) => `${name} = ${name} - ${interval}`);
    return `update orca.${client.escapeIdentifier(table)} set ${changes.join(', ')}`;
  });
  await client.query(updates.join(';')); // one implicit transaction
}
