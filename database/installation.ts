import type { Queries } from './connect.ts';
import { sqlFile } from './sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'installation.sql');

/**
 * The UUID of this Orca: made with its database, never changed. It marks its containers.
 *
 * @throws {DatabaseError} with any of its codes
 */
export async function installationId(db: Queries): Promise<string> {
  const [row] = await db.query<{ id: string }>(sql('get_installation'));
  if (row === undefined) throw new Error('Cannot find the installation: its row was deleted');
  return row.id;
}

/**
 * Gives a copied database an id of its own, so that two copies do not remove each other's containers.
 *
 * @returns the new id
 */
export async function renewInstallationId(db: Queries): Promise<string> {
  await db.query(sql('renew_installation'));
  return installationId(db);
}
