import pg from 'pg';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'exhaust-log.sql');

/**
 * Makes a test's own server begin segments of its log until it finds no room for one, which ends all of its sessions, and
 * often the server itself.
 *
 * @param url of a superuser, on a disk that is full
 * @returns when it has happened
 */
export async function exhaustLog(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'orca test' });
  client.on('error', () => undefined); // the connection ends with the server
  try {
    await client.connect();
    for (;;) await client.query(sql('begin_log_segment').text);
  } catch {
    // That there is no room is what was wanted.
  } finally {
    await client.end().catch(() => undefined);
  }
}
