import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Database, DatabaseError } from '@orca/database';
import { startCutProxy } from '@orca/database/testing';
import { startTestWork } from './testing/start-test-work.ts';

/** A database that calls back when a job was claimed, before the worker learns of it. */
function tellOfClaims(db: Database, onClaimed: () => void): Database {
  const query: Database['query'] = async (statement, parameters) => {
    const rows = await db.query(statement, parameters);
    if (rows[0]?.['kind'] === 'claimed') onClaimed();
    // As it was asked for: only looked at.
    return rows as never;
  };
  return { ...db, query };
}

test('drain() ends though a job that was just claimed cannot be handed back', {
  timeout: 60_000,
}, async () => {
  await using stack = new AsyncDisposableStack();
  const plain = stack.use(await startTestWork());
  await plain.stop();
  const proxy = stack.use(await startCutProxy(plain.db.url));
  const stopped = Promise.withResolvers<void>();
  const onClaimed = (): void => {
    proxy.cut();
    work.stop().then(stopped.resolve, stopped.reject);
  };
  const work = await startTestWork({
    ...{ on: plain.db, handBackMs: 100, databaseUrl: () => proxy.url },
    seenBy: (db) => tellOfClaims(db, onClaimed),
  });
  await work.put();
  await stopped.promise;
  assert.equal(work.grading.runs.length, 0);
  await work[Symbol.asyncDispose]();
});

/** The same, and it takes no job back. */
function takeNothingBack(db: Database, onClaimed: () => void): Database {
  const refuse = () => Promise.reject(new DatabaseError('query_failed', 'a defect that a test made'));
  return { ...tellOfClaims(db, onClaimed), transaction: refuse };
}

test('drain() ends though what a busy worker has just claimed cannot be handed back at all', {
  timeout: 60_000,
}, async () => {
  await using stack = new AsyncDisposableStack();
  const stopped = Promise.withResolvers<void>();
  const onClaimed = (): void => {
    if (work.grading.runs.length === 1) work.stop().then(stopped.resolve, stopped.reject);
  };
  const work = stack.use(
    await startTestWork({ graceMs: 30_000, seenBy: (db) => takeNothingBack(db, onClaimed) }),
  );
  await work.put({ key: 'first' });
  const first = await work.grading.run(0);
  await work.put({ key: 'second' });
  first.finish();
  await stopped.promise;
  assert.equal(work.grading.runs.length, 1);
});
