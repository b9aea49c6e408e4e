import { createHash } from 'node:crypto';
import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'old-keys.sql');

/** Where the old system keeps its keys. */
export type OldKeyTable = { schema: string; table: string };

/** A row of the old system's `ApiKey` table: the key itself, in plain text, and a hostname. */
export type OldKey = { value: string | null; hostname: string | null };

/** The rows of an old table, or why there are none. */
export type OldKeys =
  | { kind: 'rows'; rows: OldKey[] }
  /** Not there, or nothing of it is for this database user. */
  | { kind: 'no_table' }
  | { kind: 'other_columns'; columns: string[] }
  | { kind: 'too_many'; max: number };

/** Keys that an operator gave to course sites one by one are never so many: it is another table. */
const OLD_KEYS_MAX = 10_000;

const NAME_DIGITS = 16;

/**
 * Reads the keys of the old system: a table with columns `value` (or `key`) and `hostname` (or `host`).
 *
 * @param table names as they are in the database, compared letter by letter
 */
export async function readOldKeys(db: Queries, { schema, table }: OldKeyTable): Promise<OldKeys> {
  const [found] = await db.query<{ columns: string[] | null; statement: string | null }>(
    sql('describe_old_table'),
    [schema, table, OLD_KEYS_MAX + 1],
  );
  if (found === undefined || found.columns === null) return { kind: 'no_table' };
  const { columns, statement: text } = found;
  if (text === null) return { kind: 'other_columns', columns };
  // A prepared statement's name stands for one text: two tables are two statements.
  const digits = createHash('sha256').update(text).digest('hex').slice(0, NAME_DIGITS);
  const rows = await db.query<OldKey>({ name: `read_old_keys_${digits}`, text, writes: false });
  return rows.length > OLD_KEYS_MAX ? { kind: 'too_many', max: OLD_KEYS_MAX } : { kind: 'rows', rows };
}
