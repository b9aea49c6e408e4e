import pg from 'pg';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'pass-time.sql');

/**
 * Lets time pass in a test's database, by making all of its times earlier: what was due in an hour is due now. No test
 * waits for time.
 *
 * @param url of a database that only this test uses
 */
export async function passTime(url: string, seconds: number): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'orca test' });
  await client.connect();
  try {
    const columns = await client.query<{ table: string; column: string }>(sql('list_time_columns').text);
    const byTable = Map.groupBy(columns.rows, ({ table }) => table);
    await client.query('begin');
    for (const [table, times] of byTable) {
      const changes = times.map(({ column }) => {
        const name = client.escapeIdentifier(column);
        return `${name} = ${name} - make_interval(secs => $1)`;
      });
      await client.query(`update orca.${client.escapeIdentifier(table)} set ${changes.join(', ')}`, [
        seconds,
      ]);
    }
    await client.query('commit');
  } finally {
    await client.end();
  }
}
