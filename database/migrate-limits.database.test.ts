import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { DatabaseError } from './database-error.ts';
import { findSchemaState, migrate, migrationLimits, readMigrations } from './migrate.ts';
import { type ClonedDatabase, cloneDatabase } from './testing/index.ts';

const LAST = readMigrations().at(-1)?.name ?? '';
/** Long enough for a test to begin waiting, short enough for it to end. */
const LOCK_MS = 200;
/** Of the database; longer than a new connection's first statement may take on a machine that is busy. */
const STATEMENT_MS = 1_000;
/** Longer than a vacuum keeps a lock that is waited for, and shorter than the migration. */
const VACUUM_LOCK_MS = 1_500;
const MIGRATION_SECONDS = 2;

let database: ClonedDatabase;
let other: pg.Client;

before(async () => {
  database = await cloneDatabase();
  other = new pg.Client({ connectionString: database.url });
  await other.connect();
  await other.query('drop schema orca cascade');
  for (const { number, name, sql } of readMigrations().slice(0, -1)) {
    await other.query(sql);
    await other.query('insert into orca.migrations (number, name) values ($1, $2)', [number, name]);
  }
});

after(async () => {
  await other.end();
  await database[Symbol.asyncDispose]();
});

test('migrate() says that something else has had a lock for too long, and leaves the schema as it was', async () => {
  await other.query('begin');
  await other.query('lock table orca.migrations in share mode');
  await assert.rejects(migrate(database.url, { lockMs: LOCK_MS }), (error) => {
    assert.ok(error instanceof DatabaseError);
    assert.equal(error.sqlState, '55P03');
    assert.match(
      error.message,
      /^Cannot migrate the database: something else has had a lock in it for 0\.2 s, such as a backup/,
    );
    return true;
  });
  await other.query('rollback');
  assert.deepEqual(await findSchemaState(database.url), { kind: 'behind', missing: [LAST] });
});

test('migrate() gives a migration all the time that it takes, whatever limit the database has for statements', async () => {
  const { rows } = await other.query<{ name: string }>('select current_database() as name');
  await other.query(
    `alter database ${other.escapeIdentifier(rows[0]?.name ?? '')} set statement_timeout = ${STATEMENT_MS}`,
  );
  // The note of the last migration is a part of it.
  await other.query(`
    create function orca.dawdle() returns trigger language plpgsql as $$
    begin
      perform pg_sleep(${MIGRATION_SECONDS});
      return new;
    end
    $$;
    create trigger migrations_dawdle before insert on orca.migrations for each row execute function orca.dawdle();
  `);
  const startedAt = performance.now();
  assert.deepEqual(await migrate(database.url, { lockMs: VACUUM_LOCK_MS }), { applied: [LAST] });
  assert.ok(performance.now() - startedAt >= MIGRATION_SECONDS * 1_000);
});

test('migrationLimits() has nobody give up waiting for a migration, neither the server nor this side', () => {
  assert.deepEqual(migrationLimits(1), { query_timeout: 0, statement_timeout: false, lock_timeout: 1 });
});
