import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'set-schema.sql');

/** Makes a test's database say that another Orca has migrated it: a newer one, or one of which most migrations are missing. */
export async function pretendSchema(db: Queries, age: 'newer' | 'older'): Promise<void> {
  await db.query(sql(age === 'newer' ? 'make_schema_newer' : 'make_schema_older'));
}
