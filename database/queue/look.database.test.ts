import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloneDatabase, FILLED_SECONDS_PER_JOB, fillQueue, makeJob, passTime } from '../testing/index.ts';
import { registerWorker } from '../workers/workers.ts';
import { claimJob } from './claim.ts';
import { type Enqueued, enqueueJob } from './enqueue.ts';
import { finishJob } from './finish.ts';
import { countJobs, gradingPace, jobState, nextReleaseMs } from './look.ts';

const CLAIM = { workerId: 'w1', leaseSeconds: 30, graceAfterStartSeconds: 0 } as const;

function idOf(answer: Enqueued): number {
  if (answer.kind !== 'queued') throw new Error('not queued');
  return answer.jobId;
}

test("jobState() counts the released jobs truly ahead, a submitter's newer ones first", async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const a1 = idOf(await enqueueJob(db, makeJob({ key: 'a1', user: 'ada' })));
  const b1 = idOf(await enqueueJob(db, makeJob({ key: 'b1', user: 'bob' })));
  const a2 = idOf(await enqueueJob(db, makeJob({ key: 'a2', user: 'ada' })));
  const waiting = (ahead: number) => ({ kind: 'waiting', ahead, aheadIs: 'exact', releasedInSeconds: 0 });
  assert.deepEqual(await jobState(db, a2), waiting(0));
  assert.deepEqual(await jobState(db, b1), waiting(1));
  assert.deepEqual(await jobState(db, a1), waiting(2));
  const claimed = await claimJob(db, CLAIM);
  assert.equal(claimed?.jobId, a2);
  assert.deepEqual(await jobState(db, a2), { kind: 'grading' });
  assert.deepEqual(await jobState(db, b1), waiting(0));
  assert.deepEqual(await jobState(db, a1), waiting(1));
});

test('jobState() says when a job will be released', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const jobId = idOf(await enqueueJob(db, makeJob({ delaySeconds: 1000 })));
  await passTime(database.url, 400);
  const state = await jobState(db, jobId);
  assert.equal(state.kind, 'waiting');
  const seconds = state.kind === 'waiting' ? state.releasedInSeconds : 0;
  assert.ok(seconds > 540 && seconds <= 600, `${seconds} s`);
});

test('jobState() knows how a job ended, and that others are unknown', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const jobId = idOf(await enqueueJob(db, makeJob()));
  const claimed = await claimJob(db, CLAIM);
  await finishJob(db, {
    jobId,
    leaseToken: claimed?.leaseToken ?? '',
    outcome: 'failed',
    gradingId: 'msg_1',
    body: '{}',
  });
  assert.deepEqual(await jobState(db, jobId), { kind: 'finished', outcome: 'failed' });
  for (const id of [jobId + 1, 0, -1, 1.5, Number.NaN, 2 ** 60, 10n ** 30n, BigInt(jobId + 1)]) {
    assert.deepEqual(await jobState(db, id), { kind: 'unknown' }, String(id));
  }
});

test('nextReleaseMs() is the time until something may be claimed', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  assert.equal(await nextReleaseMs(db), null);
  await enqueueJob(db, makeJob({ key: 'a', delaySeconds: 1000 }));
  const later = (await nextReleaseMs(db)) ?? 0;
  assert.ok(later > 900_000 && later <= 1_000_000, `${later} ms`);
  await enqueueJob(db, makeJob({ key: 'b', user: 'bob' }));
  assert.equal(await nextReleaseMs(db), 0);
  await claimJob(db, CLAIM);
  const lease = (await nextReleaseMs(db)) ?? 0;
  assert.ok(lease > 0 && lease <= 30_000, `${lease} ms until the lease may be taken over`);
});

test('countJobs() counts those that wait', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob({ key: 'a' }));
  await enqueueJob(db, makeJob({ key: 'b' }));
  assert.equal(await countJobs(db), 2);
  await claimJob(db, CLAIM);
  assert.equal(await countJobs(db), 1);
});

test('jobState() says that a position beyond 1,000 is an estimate', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await fillQueue(database.url, 3_000);
  await passTime(database.url, 36_000); // all are released
  const last = idOf(await enqueueJob(db, makeJob({ key: 'last', user: 'somebody new' })));
  const found = await jobState(db, last);
  assert.ok(found.kind === 'waiting' && found.aheadIs === 'about');
  assert.equal(found.ahead, 3_000, 'so few places are all in the sample');
});

test('jobState() does not count all newer jobs of a submitter without end', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const first = idOf(await enqueueJob(db, makeJob({ key: 'first', user: 'u0' })));
  await passTime(database.url, 7_200);
  await fillQueue(database.url, 10_300, { submitters: 1 });
  await passTime(database.url, 36_000);
  const found = await jobState(db, first);
  assert.partialDeepStrictEqual(found, { kind: 'waiting', releasedInSeconds: 0, aheadIs: 'at_least' });
  // One in fifty has a place of its own, of which those with the older jobs come before.
  assert.ok(found.kind === 'waiting' && found.ahead > 9_000, JSON.stringify(found));
});

const WORKER = { workerId: 'w1', hostname: 'here', tokenHash: Buffer.alloc(32), version: '1', engineId: 'e' };

test('gradingPace() is how long the last jobs took, and how many can be graded at once', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await registerWorker(db, { ...WORKER, slots: 3 });
  await fillQueue(database.url, 190);
  assert.equal(await gradingPace(db), null, '19 jobs say nothing');
});

test('gradingPace() counts live workers and recent jobs only', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await fillQueue(database.url, 300);
  assert.equal(await gradingPace(db), null, 'no worker');
  await registerWorker(db, { ...WORKER, slots: 3 });
  await registerWorker(db, { ...WORKER, workerId: 'w2', slots: 4 });
  assert.deepEqual(await gradingPace(db), { slots: 7, secondsPerJob: FILLED_SECONDS_PER_JOB });
  await passTime(database.url, 120);
  assert.equal(await gradingPace(db), null, 'the workers are dead');
  await registerWorker(db, { ...WORKER, slots: 2 });
  assert.deepEqual(await gradingPace(db), { slots: 2, secondsPerJob: FILLED_SECONDS_PER_JOB });
  await passTime(database.url, 3_600);
  await registerWorker(db, { ...WORKER, slots: 2 });
  assert.equal(await gradingPace(db), null, 'the jobs are long ago');
});
