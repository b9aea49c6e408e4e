import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import pg from 'pg';
import { type ClonedDatabase, cloneDatabase, makeOldKeys } from '../testing/index.ts';
import { findApiKey, listApiKeys, revokeApiKey } from './api-keys.ts';
import { importApiKeys } from './import-keys.ts';
import { type OldKey, readOldKeys } from './old-keys.ts';

const ONE = 'a1'.repeat(32);
const TWO = 'b2'.repeat(64);
const PUBLIC = { schema: 'public', table: 'ApiKey' };
const NOTE = 'imported';

async function run(database: ClonedDatabase, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function readRows(database: ClonedDatabase): Promise<OldKey[]> {
  const read = await readOldKeys(database.db, PUBLIC);
  assert.ok(read.kind === 'rows');
  return read.rows;
}

function find(database: ClonedDatabase, key: string) {
  return findApiKey(database.db, createHash('sha256').update(key).digest());
}

test('importApiKeys() takes over the old table, once, whatever is done again', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await makeOldKeys(database.url, [
    [ONE, 'course.example.edu'],
    [TWO, 'course.example.edu'],
    [TWO, 'Other.example.edu'],
    ['short', 'course.example.edu'],
    [ONE, 'course.example.edu:3000'],
  ]);
  const rows = await readRows(database);
  const dry = await importApiKeys(db, rows, { dryRun: true, note: NOTE });
  assert.deepEqual([dry.created.length, dry.skipped.length, await listApiKeys(db)], [2, 2, []]);

  const report = await importApiKeys(db, rows, { dryRun: false, note: NOTE });
  assert.deepEqual([report.created.length, report.skipped.length], [2, 2]);
  assert.doesNotMatch(JSON.stringify([dry, report]), /a1a1|b2b2|short"/);
  const one = await find(database, ONE);
  assert.deepEqual([one?.role, one?.hostnames], ['client', ['course.example.edu']]);
  const two = await find(database, TWO);
  assert.deepEqual(two?.hostnames.toSorted(), ['course.example.edu', 'other.example.edu']);

  const again = await importApiKeys(db, rows, { dryRun: false, note: NOTE });
  assert.deepEqual([again.created.length, again.widened.length, again.kept.length], [0, 0, 2]);
  assert.equal((await listApiKeys(db)).length, 2);
});

test('importApiKeys() adds hostnames that came later, and leaves revoked keys revoked', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await makeOldKeys(database.url, [
    [ONE, 'course.example.edu'],
    [TWO, 'course.example.edu'],
  ]);
  await importApiKeys(db, await readRows(database), { dryRun: false, note: NOTE });
  await revokeApiKey(db, (await find(database, TWO))?.id ?? 0);
  await makeOldKeys(database.url, [[ONE, 'new.example.edu']]);
  const report = await importApiKeys(db, await readRows(database), { dryRun: false, note: NOTE });
  assert.deepEqual(
    report.widened.map(({ added }) => added),
    [['new.example.edu']],
  );
  assert.match(report.skipped[0]?.reason ?? '', /has ended/);
  assert.deepEqual((await find(database, ONE))?.hostnames, ['course.example.edu', 'new.example.edu']);
  assert.equal(await find(database, TWO), null);
});

test('importApiKeys() by two at once makes each key once', async () => {
  await using database = await cloneDatabase();
  const rows = [{ value: ONE, hostname: 'course.example.edu' }];
  const both = await Promise.all(
    [1, 2].map(() => importApiKeys(database.db, rows, { dryRun: false, note: NOTE })),
  );
  assert.deepEqual(both.map(({ created, kept }) => [created.length, kept.length]).sort(), [
    [0, 1],
    [1, 0],
  ]);
});

test('readOldKeys() finds a table by its exact name, whatever that is made of', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const table = `Api"Key; drop table orca.api_keys --`;
  await run(database, 'create schema "Old Orca"');
  await run(
    database,
    `create table "Old Orca"."Api""Key; drop table orca.api_keys --" ("Host" text, "Key" text)`,
  );
  await run(database, `insert into "Old Orca"."Api""Key; drop table orca.api_keys --" values ('h', 'k')`);
  assert.deepEqual(await readOldKeys(db, { schema: 'Old Orca', table }), {
    kind: 'rows',
    rows: [{ value: 'k', hostname: 'h' }],
  });
  assert.deepEqual(await listApiKeys(db), []);
  for (const other of ['ApiKey', table.toLowerCase(), 'Api"Key', ''])
    assert.deepEqual(await readOldKeys(db, { schema: 'Old Orca', table: other }), { kind: 'no_table' });
});

test('readOldKeys() tells a table of another kind, and one with far too many rows', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await run(database, 'create table public."ApiKey" (id integer, hash text, hostname text)');
  assert.deepEqual(await readOldKeys(db, PUBLIC), {
    kind: 'other_columns',
    columns: ['id', 'hash', 'hostname'],
  });
  await run(
    database,
    'create table public.many as select g::text as key, g::text as host from generate_series(1, 10001) g',
  );
  assert.deepEqual(await readOldKeys(db, { schema: 'public', table: 'many' }), {
    kind: 'too_many',
    max: 10_000,
  });
});
