import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { dumpSchema } from './dump-schema.ts';
import { findBinaries } from './embedded/find-binaries.ts';
import { sqlFile } from './sql-blocks.ts';
import { cloneDatabase } from './testing/index.ts';

test('schema.sql is what the migrations make', async (t) => {
  await using database = await cloneDatabase();
  const [row] = await database.db.query<{ version: number }>(
    sqlFile(import.meta.url, 'migrate.sql')('server_version'),
  );
  // Other versions write the same rules in other words.
  if (Math.floor((row?.version ?? 0) / 10_000) !== findBinaries().major)
    return t.skip('another version of PostgreSQL');
  const written = await readFile(new URL('schema.sql', import.meta.url), 'utf8');
  assert.equal(await dumpSchema(database.db), written, 'run: npm run write-schema -w database');
});
