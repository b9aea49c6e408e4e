import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BatchParameter, BoundStatement } from './batch.ts';
import { connectDatabase } from './connect.ts';
import { DatabaseError, type DatabaseErrorCode } from './database-error.ts';
import { cloneDatabase } from './testing/index.ts';

/** Named by its text, as one in a file is by its name. */
function bound(text: string, ...parameters: BatchParameter[]): BoundStatement {
  const name = `batch_${text.length}_${text.slice(0, 40).replaceAll(/\W/g, '_')}`;
  return { statement: { name, text, writes: /insert|update/.test(text) }, parameters };
}

function withCode(code: DatabaseErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof DatabaseError && error.code === code;
}

const INSERT = bound('insert into orca.signing_secrets (client, secret) values ($1, $2)', 'a', 'whsec_1');
const COUNT = bound('select count(*) as count from orca.signing_secrets');

test('batch() gives the rows of each statement, in their order, read as those of query()', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const values = bound(
    'select $1::text as text, $2::integer as int, $3::boolean as bool, $4::bytea as bytes, $5::text as none',
    ...['ä\n"', -7, true, Buffer.from([0, 255]), null],
  );
  const rows = await db.batch([
    values,
    bound('select n::bigint as n from generate_series(1, 3) as n'),
    bound('select from orca.jobs'),
    INSERT,
    COUNT,
  ]);
  assert.deepEqual(rows, [
    [{ text: 'ä\n"', int: -7, bool: true, bytes: Buffer.from([0, 255]), none: null }],
    [{ n: 1 }, { n: 2 }, { n: 3 }],
    [],
    [],
    [{ count: 1 }],
  ]);
});

test('batch() is one transaction', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const id = bound('select pg_current_xact_id()::text as id');
  const [first, second] = await db.batch([id, id]);
  assert.deepEqual(first, second);
  await assert.rejects(
    db.batch([INSERT, bound('select 1 / $1::integer', 0), INSERT]),
    withCode('query_failed'),
  );
  assert.deepEqual(await db.batch([COUNT]), [[{ count: 0 }]]);
});

test('batch() and query() share what is prepared, on one connection, after an error, too', async () => {
  await using database = await cloneDatabase();
  await using db = await connectDatabase({ url: database.url, applicationName: 'test', poolSize: 1 });
  const one = bound('select 1 as one');
  assert.deepEqual(await db.query(one.statement), [{ one: 1 }]);
  assert.deepEqual(await db.batch([one, COUNT, one]), [[{ one: 1 }], [{ count: 0 }], [{ one: 1 }]]);
  assert.deepEqual(await db.query(COUNT.statement), [{ count: 0 }]);
  const wrong = bound('select wrong');
  const two = bound('select 2 as two');
  await assert.rejects(db.batch([one, wrong, two]), withCode('query_failed'));
  assert.deepEqual(await db.batch([two, one]), [[{ two: 2 }], [{ one: 1 }]]);
  await assert.rejects(db.query(wrong.statement), withCode('query_failed'));
});

test('batch() says when it cannot tell what is stored', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const end = bound('select pg_terminate_backend(pg_backend_pid())');
  await assert.rejects(db.batch([end, INSERT]), withCode('outcome_unknown'));
  await assert.rejects(db.batch([end, COUNT]), withCode('database_unreachable'));
  assert.deepEqual(await db.batch([COUNT]), [[{ count: 0 }]]);
});

test('batch() refuses a value that cannot be read, and leaves the connection in order', async () => {
  await using database = await cloneDatabase();
  await using db = await connectDatabase({ url: database.url, applicationName: 'test', poolSize: 1 });
  const tooLarge = bound('select 9007199254740992::bigint as id');
  await assert.rejects(db.batch([tooLarge, COUNT]), DatabaseError);
  assert.deepEqual(await db.batch([COUNT]), [[{ count: 0 }]]);
});
