import type pg from 'pg';
import { DatabaseError } from './database-error.ts';
import { sqlFile } from './sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'migrate.sql');

/** The oldest PostgreSQL that Orca runs on. */
export const POSTGRES_MAJOR_MIN = 13;

/**
 * Asks the server for its version.
 *
 * @throws {DatabaseError} `server_too_old` when it is older than any that Orca runs on
 */
export async function refuseOldServer(client: Pick<pg.ClientBase, 'query'>): Promise<void> {
  const answer = await client.query<{ version: number }>(sql('server_version').text);
  const major = Math.floor((answer.rows[0]?.version ?? 0) / 10_000);
  if (major >= POSTGRES_MAJOR_MIN) return;
  throw new DatabaseError(
    'server_too_old',
    `Cannot use PostgreSQL ${major}: Orca needs version ${POSTGRES_MAJOR_MIN} or newer`,
  );
}
