import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectDatabase, type Queries, RepeatTransaction } from './connect.ts';
import { DatabaseError, type DatabaseErrorCode, isDatabaseAway } from './database-error.ts';
import { installationId } from './installation.ts';
import type { SqlStatement } from './sql-blocks.ts';
import { cloneDatabase } from './testing/index.ts';

function sql(text: string): SqlStatement {
  return {
    name: `test_${text.length}_${text.slice(0, 40).replaceAll(/\W/g, '_')}`,
    text,
    writes: /insert|update/.test(text),
  };
}

function withCode(code: DatabaseErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof DatabaseError && error.code === code;
}

test('connectDatabase() says that nobody answers', async () => {
  const url = 'postgres://orca:secret@127.0.0.1:1/orca';
  await assert.rejects(connectDatabase({ url, applicationName: 'test' }), (error) => {
    assert.ok(isDatabaseAway(error));
    assert.equal(error.code, 'database_unreachable');
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});

test('connectDatabase() understands the URL of a Prisma set-up', async () => {
  await using database = await cloneDatabase();
  const url = `${database.url}?schema=public&connection_limit=3`;
  await using db = await connectDatabase({ url, applicationName: 'test' });
  assert.equal(await installationId(db), await installationId(database.db));
});

test('connectDatabase() keeps to sslmode: no plain text where TLS is asked for, no TLS where it is not wanted', async () => {
  await using database = await cloneDatabase(); // its server speaks no TLS
  await using db = await connectDatabase({ url: `${database.url}?sslmode=disable`, applicationName: 'test' });
  assert.deepEqual(await db.query(sql('select 1 as one')), [{ one: 1 }]);
  for (const mode of ['require', 'verify-full', 'no-verify']) {
    const url = `${database.url}?schema=public&sslmode=${mode}`;
    await assert.rejects(connectDatabase({ url, applicationName: 'test' }), (error: unknown) => {
      assert.ok(error instanceof DatabaseError && error.code === 'database_unreachable', mode);
      assert.match(String(error.cause), /does not support SSL/, mode);
      return true;
    });
  }
});

test('query() limits how long a statement may take', async () => {
  await using database = await cloneDatabase();
  const settings = await database.db.query<{ name: string; setting: string }>(
    sql(`select name, setting from pg_settings where name in
      ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout') order by name`),
  );
  assert.deepEqual(
    settings.map(({ setting }) => setting),
    ['10000', '2000', '5000'],
  );
});

test('query() tells a defect of ours from a database that is away', async () => {
  await using database = await cloneDatabase();
  await assert.rejects(database.db.query(sql('select 1 / 0')), withCode('query_failed'));
  await assert.rejects(
    database.db.query(sql('select pg_terminate_backend(pg_backend_pid())')),
    isDatabaseAway,
  );
  assert.match(await installationId(database.db), /^[0-9a-f-]{36}$/, 'the connection is replaced');
});

test('query() reads ids as numbers', async () => {
  await using database = await cloneDatabase();
  const [row] = await database.db.query<{ id: number }>(sql('select 9007199254740991::bigint as id'));
  assert.equal(row?.id, Number.MAX_SAFE_INTEGER);
  await assert.rejects(database.db.query(sql('select 9007199254740992::bigint as id')));
});

test('transaction() stores all or nothing', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const insert = sql(`insert into orca.signing_secrets (client, secret) values ('a', 'whsec_1')`);
  await assert.rejects(
    db.transaction(async (tx) => {
      await tx.query(insert);
      throw new Error('changed my mind');
    }),
    /changed my mind/,
  );
  assert.deepEqual(await db.query(sql('select from orca.signing_secrets')), []);
  const stored = await db.transaction((tx) => tx.query(insert).then(() => 'stored'));
  assert.equal(stored, 'stored');
  assert.equal((await db.query(sql('select from orca.signing_secrets'))).length, 1);
});

test('transaction() does the whole again when it got in the way of another', async () => {
  await using database = await cloneDatabase();
  let runs = 0;
  const answer = await database.db.transaction(async (tx) => {
    runs += 1;
    if (runs < 3) throw new RepeatTransaction('in the way');
    if (runs === 3) await tx.query(sql(`do $$ begin raise exception using errcode = '40P01'; end $$`));
    return 'done';
  });
  assert.equal(answer, 'done');
  assert.equal(runs, 4);
});

test('transaction() says that the database cannot, now, where it gets in the way of another each time', async () => {
  await using database = await cloneDatabase();
  for (const error of [
    () => Promise.reject(new RepeatTransaction('in the way')),
    (tx: Queries) => tx.query(sql(`do $$ begin raise exception using errcode = '40P01'; end $$`)),
  ])
    await assert.rejects(database.db.transaction(error), {
      name: 'DatabaseError',
      code: 'database_unreachable',
    });
});
