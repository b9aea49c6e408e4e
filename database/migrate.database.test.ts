import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseImageSha, BASE_IMAGE_DOCKERFILE } from '@orca/protocol';
import pg from 'pg';
import { DatabaseError } from './database-error.ts';
import { findImage } from './images/browse-images.ts';
import { findSchemaState, migrate, readMigrations } from './migrate.ts';
import { cloneDatabase } from './testing/index.ts';

/** A database that Orca has never seen. */
async function emptied(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('drop schema orca cascade');
  await client.end();
}

test('migrate() by two at once on a new database applies everything once', async () => {
  await using database = await cloneDatabase();
  await emptied(database.url);
  const names = readMigrations().map(({ name }) => name);
  assert.deepEqual(await findSchemaState(database.url), { kind: 'behind', missing: names });
  const both = await Promise.all([migrate(database.url), migrate(database.url)]);
  assert.deepEqual(both.map(({ applied }) => applied).sort(), [[], names].sort());
  assert.deepEqual(await findSchemaState(database.db), { kind: 'current' });
});

test('migrate() changes nothing on a database that is up to date', async () => {
  await using database = await cloneDatabase();
  assert.deepEqual(await migrate(database.db), { applied: [] });
});

test('migrate() refuses a schema that a newer Orca made, with a sentence', async () => {
  await using database = await cloneDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`insert into orca.migrations (number, name) values (9999, '9999_future')`);
  await client.end();
  await assert.rejects(migrate(database.db), (error) => {
    assert.ok(error instanceof DatabaseError);
    assert.equal(error.code, 'schema_newer');
    assert.match(error.message, /number 9999/);
    return true;
  });
  assert.equal((await findSchemaState(database.db)).kind, 'newer');
});

test('migrate() makes the base image known as a grader image', async () => {
  await using database = await cloneDatabase();
  const image = await findImage(database.db, baseImageSha());
  assert.equal(image?.state, 'ready');
  assert.equal(image?.dockerfile, BASE_IMAGE_DOCKERFILE);
});

test('migrate() leaves what others keep in the database alone', async () => {
  await using database = await cloneDatabase();
  await emptied(database.url);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`create table public."ApiKey" (id int); create table public.jobs (id int)`);
  await migrate(database.url);
  const tables = await client.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
  );
  await client.end();
  assert.deepEqual(
    tables.rows.map(({ name }) => name),
    ['ApiKey', 'jobs'],
  );
});
