import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '../connect.ts';
import { claimDelivery, recordDeliveryAttempt } from '../deliveries/deliveries.ts';
import { claimJob } from '../queue/claim.ts';
import { enqueueJob } from '../queue/enqueue.ts';
import { finishJob } from '../queue/finish.ts';
import { jobState } from '../queue/look.ts';
import { cloneDatabase, makeJob, passTime } from '../testing/index.ts';
import { listLiveWorkers, registerWorker } from '../workers/workers.ts';
import { PRUNE_BATCH, prune } from './prune.ts';

const DAY = 86_400;
const KEPT = { jobSeconds: 30 * DAY, jobsMax: null, workerSeconds: 7 * DAY } as const;
const NOTHING = { jobs: 0, imageDeliveries: 0, workers: 0, isMore: false } as const;

/** Grades a job, and delivers its result or leaves it to be delivered. */
async function finish(db: Database, key: string, how: 'delivered' | 'pending'): Promise<number> {
  await enqueueJob(db, makeJob({ key, immediate: true }));
  const run = await claimJob(db, { workerId: 'w1', leaseSeconds: 30, graceAfterStartSeconds: 0 });
  if (run === null) throw new Error('nothing was due');
  await finishJob(db, { ...run, outcome: 'graded', gradingId: `msg_${key}`, body: '{}' });
  if (how === 'pending') return run.jobId;
  const delivery = await claimDelivery(db, { serverId: 's1', leaseSeconds: 60 });
  if (delivery === null) throw new Error('nothing is to be delivered');
  const answer = { statusCode: 200, durationMs: 1, answerStart: '', error: null };
  await recordDeliveryAttempt(db, { ...delivery, ...answer, outcome: { kind: 'delivered' } });
  return run.jobId;
}

test('prune() removes a finished job when its time is over, with all that hangs on it, and not before', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const jobId = await finish(db, 'old', 'delivered');
  await passTime(database.url, KEPT.jobSeconds - 60);
  assert.deepEqual(await prune(db, KEPT), NOTHING);
  await passTime(database.url, 120);
  assert.deepEqual(await prune(db, KEPT), { ...NOTHING, jobs: 1 });
  assert.deepEqual(await jobState(db, jobId), { kind: 'unknown' });
  assert.deepEqual(await prune(db, KEPT), NOTHING);
});

test('prune() keeps a job that waits, is graded, or whose result is still to be delivered, however old', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const owed = await finish(db, 'owed', 'pending');
  await enqueueJob(db, makeJob({ key: 'graded now', immediate: true }));
  await claimJob(db, { workerId: 'w1', leaseSeconds: 30, graceAfterStartSeconds: 0 });
  const waiting = await enqueueJob(db, makeJob({ key: 'waits', delaySeconds: 100 * DAY }));
  await passTime(database.url, 2 * KEPT.jobSeconds);
  assert.deepEqual(await prune(db, { ...KEPT, jobsMax: 0 }), NOTHING);
  assert.equal((await jobState(db, owed)).kind, 'finished');
  assert.equal((await jobState(db, waiting.kind === 'queued' ? waiting.jobId : 0)).kind, 'waiting');
});

test('prune() keeps the newest finished jobs where their number is limited', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const ids: number[] = [];
  for (const key of ['one', 'two', 'three']) ids.push(await finish(db, key, 'delivered'));
  assert.deepEqual(await prune(db, { ...KEPT, jobsMax: 3 }), NOTHING);
  assert.deepEqual(await prune(db, { ...KEPT, jobsMax: 2 }), { ...NOTHING, jobs: 1 });
  const states = await Promise.all(ids.map((id) => jobState(db, id)));
  assert.deepEqual(
    states.map(({ kind }) => kind),
    ['unknown', 'finished', 'finished'],
  );
});

test('prune() says that there may be more after a whole batch', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  for (let count = 0; count <= PRUNE_BATCH; count += 1) await finish(db, `job ${count}`, 'delivered');
  const all = { ...KEPT, jobSeconds: 0 };
  assert.deepEqual(await prune(db, all), { ...NOTHING, jobs: PRUNE_BATCH, isMore: true });
  assert.deepEqual(await prune(db, all), { ...NOTHING, jobs: 1 });
});

test('prune() forgets a worker that was silent for long', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const worker = { hostname: 'h', tokenHash: Buffer.alloc(32), version: '1', slots: 1, engineId: 'e' };
  await registerWorker(db, { ...worker, workerId: 'old' });
  await passTime(database.url, KEPT.workerSeconds + 1);
  await registerWorker(db, { ...worker, workerId: 'new' });
  assert.deepEqual(await prune(db, KEPT), { ...NOTHING, workers: 1 });
  assert.deepEqual(await listLiveWorkers(db), ['new']);
});
