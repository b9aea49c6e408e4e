import type { Queries } from './connect.ts';
import { sqlFile } from './sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'describe-server.sql');

/** What a server says of itself, and of the role that asks. */
export type ServerFacts = {
  /** Its clock, when it answered. */
  now: Date;
  /** Such as `15.4 (Debian 15.4-1)`. */
  version: string;
  /** Such as `UTF8`. */
  encoding: string;
  role: string;
  database: string;
  /** Whether this connection has TLS. */
  isEncrypted: boolean;
  /** For all roles but superusers. */
  connectionsMax: number;
  /** Of programs that are not Orca's, in all databases. */
  connectionsOfOthers: number;
  /** Whether there is a schema `orca`. */
  hasSchema: boolean;
  /** Whether the role may create schemas in the database. */
  mayCreate: boolean;
  /** Whether the role may use the schema `orca`. */
  mayUse: boolean;
  /** Tables of the schema that the role may not read and write. */
  closedTables: number;
};

/**
 * Asks the server what an operator wants to know before Orca runs on it; needs no schema.
 *
 * @throws {DatabaseError} with any of its codes
 */
export async function describeServer(db: Queries): Promise<ServerFacts> {
  const [row] = await db.query<ServerFacts>(sql('describe_server'));
  if (row === undefined) throw new Error('Cannot describe the server: it has answered without a row');
  return row;
}

/**
 * Counts the grader images that are ready, and those of them that stand on a base image.
 *
 * @param layers of the base image, the lowest first
 * @throws {DatabaseError} with any of its codes
 */
export async function countImagesOn(
  db: Queries,
  layers: readonly string[],
): Promise<{ ready: number; onBase: number }> {
  const [row] = await db.query<{ ready: number; onBase: number }>(sql('count_images_on'), [layers]);
  return row ?? { ready: 0, onBase: 0 };
}
