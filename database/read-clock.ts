import type { Queries } from './connect.ts';
import { sqlFile } from './sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'read-clock.sql');

/** The time by the database's clock, which is the one that counts for leases, releases and deliveries. */
export async function readClock(db: Queries): Promise<Date> {
  const [row] = await db.query<{ now: Date }>(sql('read_clock'));
  if (row === undefined) throw new Error('Cannot read the clock of the database: it gave no row');
  return row.now;
}
