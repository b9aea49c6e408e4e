import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectDatabase } from './connect.ts';
import { connectionSettings, REPORT_STATEMENT_MS } from './connection-settings.ts';
import { DatabaseError } from './database-error.ts';
import type { SqlStatement } from './sql-blocks.ts';
import { cloneDatabase } from './testing/index.ts';

/** Longer than a new connection's first statement may take on a machine that is busy. */
const HASTY_MS = 1_000;
const sleeping = (seconds: number): SqlStatement => ({
  name: 'test_sleep',
  text: `select 'slept' as done from pg_sleep(${seconds})`,
  writes: false,
});
const URL = 'postgres://orca@127.0.0.1/orca';

test('connectDatabase() lets a statement take as long as it is told, and says what has stopped it', async () => {
  await using database = await cloneDatabase();
  const connect = (statementMs: number) =>
    connectDatabase({ url: database.url, applicationName: 'orca test', statementMs });
  await using patient = await connect(REPORT_STATEMENT_MS);
  assert.deepEqual(await patient.query(sleeping(0.1)), [{ done: 'slept' }]);
  const limit = { name: 'test_limit', text: 'show statement_timeout', writes: false };
  assert.deepEqual(await patient.query(limit), [{ statement_timeout: '10min' }]);
  assert.deepEqual(await database.db.query(limit), [{ statement_timeout: '5s' }]);
  await using hasty = await connect(HASTY_MS);
  await assert.rejects(hasty.query(sleeping(30)), (error) => {
    assert.ok(error instanceof DatabaseError);
    assert.equal(error.sqlState, '57014');
    assert.match(error.message, /57014: it took longer than it may/);
    return true;
  });
});

test('connectionSettings() waits for the answer longer than the statement may take', () => {
  for (const statementMs of [5_000, REPORT_STATEMENT_MS]) {
    const { statement_timeout, query_timeout } = connectionSettings(URL, 'orca test', statementMs);
    assert.equal(statement_timeout, statementMs);
    assert.ok(Number(query_timeout) > statementMs);
  }
});

test('connectionSettings() has TCP ask a silent server in good time, where Node would wait for two hours', () => {
  const { keepAlive, keepAliveInitialDelayMillis = 0 } = connectionSettings(URL, 'orca test');
  assert.equal(keepAlive, true);
  assert.ok(keepAliveInitialDelayMillis >= 1_000 && keepAliveInitialDelayMillis <= 60_000);
});
