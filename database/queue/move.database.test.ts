import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '../connect.ts';
import { cloneDatabase, makeJob, passTime } from '../testing/index.ts';
import { claimJob } from './claim.ts';
import { enqueueJob } from './enqueue.ts';
import { returnJob } from './lease.ts';
import { moveJob } from './move.ts';

const CLAIM = { workerId: 'w1', leaseSeconds: 86_400, graceAfterStartSeconds: 0 } as const;
const ALL = { clients: null } as const;

async function put(db: Database, made: Parameters<typeof makeJob>[0]): Promise<number> {
  const answer = await enqueueJob(db, makeJob(made));
  if (answer.kind !== 'queued') throw new Error('not queued');
  return answer.jobId;
}

async function claimAll(db: Database): Promise<string[]> {
  const order: string[] = [];
  for (let job = await claimJob(db, CLAIM); job !== null; job = await claimJob(db, CLAIM))
    order.push(job.key);
  return order;
}

test('moveJob() releases a job before the whole queue, and a second one before the first', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await put(db, { key: 'first', user: 'ada' });
  const later = await put(db, { key: 'later', user: 'bob', delaySeconds: 5000 });
  const last = await put(db, { key: 'last', user: 'cyd' });
  assert.deepEqual(await moveJob(db, { ...ALL, jobId: later, action: 'release' }), { kind: 'moved' });
  assert.deepEqual(await moveJob(db, { ...ALL, jobId: last, action: 'release' }), { kind: 'moved' });
  assert.deepEqual(await claimAll(db), ['last', 'later', 'first']);
});

test('moveJob() delays a job behind everything, what is not released yet included', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const first = await put(db, { key: 'first', user: 'ada' });
  await put(db, { key: 'second', user: 'bob' });
  await put(db, { key: 'tomorrow', user: 'cyd', delaySeconds: 5000 });
  await moveJob(db, { ...ALL, jobId: first, action: 'delay' });
  assert.deepEqual(await claimAll(db), ['second']);
  await passTime(database.url, 5001);
  assert.deepEqual(await claimAll(db), ['tomorrow', 'first']);
});

test("moveJob() moves the place that serves the job: the submitter's other jobs keep theirs", async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await put(db, { key: 'a1', user: 'ada' });
  await put(db, { key: 'b1', user: 'bob' });
  const middle = await put(db, { key: 'a2', user: 'ada' });
  await put(db, { key: 'b2', user: 'bob' });
  await put(db, { key: 'a3', user: 'ada' });
  // Places: ada (a3), bob (b2), ada (a2), bob (b1), ada (a1).
  await moveJob(db, { ...ALL, jobId: middle, action: 'delay' });
  assert.deepEqual(await claimAll(db), ['a3', 'b2', 'b1', 'a1', 'a2']);
});

test('moveJob() to the front adds nothing to the time that a job has been queued', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const jobId = await put(db, { key: 'k', delaySeconds: 5000 });
  await moveJob(db, { ...ALL, jobId, action: 'release' });
  const job = await claimJob(db, CLAIM);
  assert.ok(job !== null && job.queuedMs < 30_000, `${job?.queuedMs} ms`);
});

test('moveJob() ends the back-off of a job that it releases, and not of one that it delays', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  for (const [action, expected] of [
    ['delay', []],
    ['release', ['release']],
  ] as const) {
    const jobId = await put(db, { key: action });
    const run = await claimJob(db, CLAIM);
    assert.equal(run?.key, action);
    if (run !== null) await returnJob(db, { ...run, reason: 'fault', cause: 'a test' });
    await moveJob(db, { ...ALL, jobId, action });
    assert.deepEqual(await claimAll(db), expected);
  }
});

test('moveJob() takes immediacy from a job that it delays, and a PUT gives it back', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const jobId = await put(db, { key: 'now', immediate: true });
  await put(db, { key: 'later', user: 'bob', delaySeconds: 5000 });
  await moveJob(db, { ...ALL, jobId, action: 'delay' });
  assert.deepEqual(await claimAll(db), []);
  assert.equal(await put(db, { key: 'now', immediate: true }), jobId);
  assert.deepEqual(await claimAll(db), ['now']);
});

test('moveJob() of fifty jobs at once gives each a front of its own', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const ids: number[] = [];
  for (let index = 0; index < 50; index += 1) {
    ids.push(await put(db, { key: `job ${index}`, user: `user ${index % 7}`, delaySeconds: 5000 }));
  }
  const moves = ids.map((jobId) => moveJob(db, { ...ALL, jobId, action: 'release' }));
  assert.deepEqual(new Set((await Promise.all(moves)).map(({ kind }) => kind)), new Set(['moved']));
  const times = { name: 'count_times', writes: false } as const;
  const text = 'select count(distinct release_at) as times from orca.reservations';
  assert.deepEqual(await db.query({ ...times, text }), [{ times: 50 }]);
  assert.equal((await claimAll(db)).length, 50);
});

test('moveJob() and claimJob() at once lose no job and serve none twice', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const ids: number[] = [];
  for (let index = 0; index < 60; index += 1) ids.push(await put(db, { key: `job ${index}` }));
  const moves = ids.map((jobId, index) =>
    moveJob(db, { ...ALL, jobId, action: index % 2 === 0 ? 'release' : 'delay' }),
  );
  const [first, second] = await Promise.all([claimAll(db), claimAll(db), ...moves]);
  const seen = [...first, ...second, ...(await claimAll(db))];
  assert.equal(seen.length, 60);
  assert.equal(new Set(seen).size, 60);
});

test('moveJob() leaves alone what waits no more, and what is not the caller’s', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const jobId = await put(db, { key: 'k' });
  const move = { jobId, action: 'release' } as const;
  assert.deepEqual(await moveJob(db, { ...move, clients: ['other.example.edu'] }), { kind: 'unknown' });
  assert.deepEqual(await moveJob(db, { ...move, ...ALL, jobId: jobId + 1 }), { kind: 'unknown' });
  await claimJob(db, CLAIM);
  const clients = ['course.example.edu'];
  assert.deepEqual(await moveJob(db, { ...move, clients }), { kind: 'not_waiting', state: 'grading' });
});
