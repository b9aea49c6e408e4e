import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { connectDatabase, type Database } from './connect.ts';
import { DatabaseError } from './database-error.ts';
import type { SqlStatement } from './sql-blocks.ts';
import { cloneDatabase } from './testing/index.ts';

const READ: SqlStatement = {
  name: 'test_read_number',
  text: 'select number from orca.numbers',
  writes: false,
};
const CONNECTIONS = 3;

/** Each way to run a statement, and the number that it gives. */
const WAYS: readonly [name: string, read: (db: Database) => Promise<unknown>][] = [
  ['query()', async (db) => (await db.query(READ))[0]?.['number']],
  ['batch()', async (db) => (await db.batch([{ statement: READ, parameters: [] }]))[0]?.[0]?.['number']],
  [
    'transaction()',
    (db) =>
      db.transaction(async (tx) => {
        const [row] = await tx.query(READ);
        return row?.['number'];
      }),
  ],
];

for (const [name, read] of WAYS) {
  test(`${name} prepares its statement anew where a migration has changed the type of a column`, async () => {
    await using database = await cloneDatabase();
    const migrating = new pg.Client({ connectionString: database.url });
    await migrating.connect();
    try {
      await migrating.query('create table orca.numbers as select 17 as number');
      for (const poolSize of [1, CONNECTIONS]) {
        await using db = await connectDatabase({ url: database.url, applicationName: 'orca test', poolSize });
        const readOnEach = () => Promise.all(Array.from({ length: poolSize }, () => read(db)));
        assert.deepEqual(new Set(await readOnEach()), new Set([17]));
        await migrating.query('alter table orca.numbers alter column number type text');
        for (let round = 0; round < 2; round += 1)
          assert.deepEqual(new Set(await readOnEach()), new Set(['17']));
        await migrating.query(
          'alter table orca.numbers alter column number type integer using number::integer',
        );
      }
    } finally {
      await migrating.end();
    }
  });
}

test('query() does not take all that PostgreSQL cannot do for an outdated plan', async () => {
  await using database = await cloneDatabase();
  const text = 'select count(*) from orca.jobs for update';
  await assert.rejects(database.db.query({ name: 'test_unsupported', text, writes: false }), (error) => {
    assert.ok(error instanceof DatabaseError);
    assert.equal(error.sqlState, '0A000');
    assert.equal(error.code, 'query_failed');
    return true;
  });
});
