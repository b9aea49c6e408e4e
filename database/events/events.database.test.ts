import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { Database } from '../connect.ts';
import { claimJob } from '../queue/claim.ts';
import { enqueueJob } from '../queue/enqueue.ts';
import { recordContainer, returnJob } from '../queue/lease.ts';
import { renewLease } from '../queue/renew-lease.ts';
import { cloneDatabase, makeJob, passTime } from '../testing/index.ts';
import { registerWorker } from '../workers/workers.ts';
import { eventsMark, noteCommands, pruneEvents, readEvents } from './events.ts';

const ALL = { kind: 'all' } as const;
const LONG = { seconds: 3_600, eventsMax: 1_000 };

async function readAll(db: Database, after = 0) {
  return readEvents(db, ALL, { after, upTo: (await eventsMark(db)).upTo, limit: 100 });
}

async function claim(db: Database) {
  const worker = {
    workerId: 'w',
    hostname: 'h',
    tokenHash: randomBytes(32),
    version: '0',
    slots: 1,
    engineId: 'e',
  };
  await registerWorker(db, worker);
  const job = await claimJob(db, { workerId: 'w', leaseSeconds: 60 });
  assert.ok(job !== null);
  return job;
}

test('every change of state is an event, and what is none is not', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob());
  await enqueueJob(db, makeJob());
  await enqueueJob(db, makeJob({ content: 'second' }));
  const job = await claim(db);
  await renewLease(db, { ...job, leaseSeconds: 60 });
  await recordContainer(db, { ...job, container: 'c' });
  await returnJob(db, { ...job, reason: 'fault', cause: 'the disk is full' });
  const told = (await readAll(db)).map(({ generation, facts }) => [
    generation,
    Object(facts).state,
    Object(facts).faults,
  ]);
  assert.deepEqual(told, [
    [1, 'waiting', 0],
    [2, 'waiting', 0],
    [2, 'grading', 0],
    [2, 'waiting', 1],
  ]);
});

test('eventsMark() stops before a number whose transaction is open, so that a reader passes none by', async () => {
  await using database = await cloneDatabase();
  await using second = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob({ key: 'before', user: 'a' }));
  const job = await claim(db);
  const [before] = (await readAll(db)).slice(-1);
  const isOpen = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  const slow = db.transaction(async (tx) => {
    await noteCommands(tx, job, [{ cmd: 'slow' }]);
    await noteCommands(tx, job, [{ cmd: 'slow, too' }]);
    isOpen.resolve();
    await mayEnd.promise;
  });
  await isOpen.promise;
  await enqueueJob(db, makeJob({ key: 'fast', user: 'b' })); // a higher number, committed first
  assert.deepEqual(await readAll(db, before?.number), [], 'nothing is read past the open one');
  await enqueueJob(second.db, makeJob());
  assert.equal((await readAll(second.db)).length, 1, 'another database is not held up');
  mayEnd.resolve();
  await slow;
  const told = (await readAll(db, before?.number)).map(
    ({ facts }) => Object(facts).cmd ?? Object(facts).state,
  );
  assert.deepEqual(told, ['slow', 'slow, too', 'waiting']);
});

test('readEvents() missed nothing and repeated nothing while many wrote at once', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const JOBS = 60;
  let isDone = false;
  const writing = Promise.all(
    Array.from({ length: JOBS }, (_, n) => enqueueJob(db, makeJob({ key: `k${n}`, user: `u${n}` }))),
  ).finally(() => {
    isDone = true;
  });
  const numbers: number[] = [];
  for (let mustLook = true; mustLook; ) {
    mustLook = !isDone;
    const events = await readAll(db, numbers.at(-1));
    numbers.push(...events.map(({ number }) => number));
  }
  await writing;
  assert.equal(new Set(numbers).size, JOBS);
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
});

test('noteCommands() tells nothing for a token that is not the job’s any more', async () => {
  await using database = await cloneDatabase();
  await enqueueJob(database.db, makeJob());
  const job = await claim(database.db);
  await noteCommands(database.db, { ...job, leaseToken: '00000000-0000-4000-8000-000000000000' }, [
    { cmd: 'x' },
  ]);
  assert.deepEqual(
    (await readAll(database.db)).map(({ kind }) => kind),
    ['state', 'state'],
  );
});

test('pruneEvents() removes what is too old, and what is too much', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  for (const key of ['1', '2', '3']) await enqueueJob(db, makeJob({ key, user: key }));
  assert.equal(await pruneEvents(db, LONG), false);
  assert.equal((await readAll(db)).length, 3);
  await pruneEvents(db, { ...LONG, eventsMax: 2 });
  assert.equal((await readAll(db)).length, 2);
  await passTime(database.url, LONG.seconds + 1);
  await enqueueJob(db, makeJob({ key: '4', user: '4' }));
  await pruneEvents(db, LONG);
  assert.equal((await readAll(db)).length, 1);
});
