import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import pg from 'pg';
import { connectDatabase } from './connect.ts';
import { DatabaseError } from './database-error.ts';
import { countJobs } from './queue/look.ts';
import { cloneDatabase } from './testing/index.ts';

const CONNECTIONS = 2;
const TOO_MANY_CONNECTIONS = '53300';
const BACK_MS_MAX = 30_000;

/** The URL of a database for a role that has only so many connections, gone when it is disposed of. */
async function openLimitedRole(url: string): Promise<AsyncDisposable & { url: string }> {
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  const role = `orca_test_${randomBytes(6).toString('hex')}`;
  await admin.query(`create role ${role} login password 'x' connection limit ${CONNECTIONS}`);
  await admin.query(
    `grant usage on schema orca to ${role}; grant select on all tables in schema orca to ${role}`,
  );
  const limited = new URL(url);
  limited.username = role;
  limited.password = 'x';
  return {
    url: limited.href,
    async [Symbol.asyncDispose]() {
      await admin.query(`drop owned by ${role}; drop role ${role}`);
      await admin.end();
    },
  };
}

test('while PostgreSQL has no connection left, the database counts as away, and it is back when there is one', async () => {
  await using database = await cloneDatabase();
  await using role = await openLimitedRole(database.url);
  await using db = await connectDatabase({
    url: role.url,
    applicationName: 'orca test',
    poolSize: CONNECTIONS,
  });
  const other = new pg.Client({ connectionString: role.url });
  await other.connect();
  const ask = (): Promise<PromiseSettledResult<number>[]> =>
    Promise.allSettled(Array.from({ length: CONNECTIONS }, () => db.transaction((tx) => countJobs(tx))));
  try {
    const failed = (await ask()).filter((answer) => answer.status === 'rejected').map(({ reason }) => reason);
    assert.equal(failed.length, 1, 'the connection that is there is used');
    assert.ok(failed[0] instanceof DatabaseError);
    assert.deepEqual([failed[0].code, failed[0].sqlState], ['database_unreachable', TOO_MANY_CONNECTIONS]);
  } finally {
    await other.end();
  }
  // PostgreSQL takes a moment to count one less.
  const giveUpAt = performance.now() + BACK_MS_MAX;
  while ((await ask()).some(({ status }) => status === 'rejected'))
    assert.ok(performance.now() < giveUpAt, 'it is back');
});
