import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimDelivery } from '../deliveries/deliveries.ts';
import { cloneDatabase, makeJob, passTime } from '../testing/index.ts';
import { beatWorker, registerWorker } from '../workers/workers.ts';
import { claimJob } from './claim.ts';
import { enqueueJob } from './enqueue.ts';
import { finishJob } from './finish.ts';
import { findJobRow } from './inspect-job.ts';
import { listKnownContainers, recordContainer, returnJob } from './lease.ts';
import { jobState, nextReleaseMs } from './look.ts';
import { renewLease } from './renew-lease.ts';
import type { ClaimedJob } from './turn.ts';

const CLAIM = { workerId: 'w1', leaseSeconds: 30, graceAfterStartSeconds: 0 } as const;
const NO_TOKEN = '00000000-0000-4000-8000-000000000000';

function claimed(job: ClaimedJob | null): ClaimedJob {
  if (job === null) throw new Error('nothing was due');
  return job;
}

test('returnJob() at a shutdown gives the job its place back, names it, and counts nothing', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob({ key: 'first' }));
  const { jobId, leaseToken } = claimed(await claimJob(db, CLAIM));
  await enqueueJob(db, makeJob({ key: 'newer' }));
  assert.equal(await returnJob(db, { jobId, leaseToken, reason: 'shutdown', cause: 'SIGTERM' }), 'returned');
  const again = claimed(await claimJob(db, CLAIM));
  assert.equal(again.key, 'first', 'its place names it, though its submitter has a newer one');
  assert.equal(again.attempt, 1);
  assert.equal(claimed(await claimJob(db, CLAIM)).key, 'newer');
});

test('returnJob() tells the client that the job is in the queue again', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob());
  const { jobId, leaseToken } = claimed(await claimJob(db, CLAIM));
  await returnJob(db, { jobId, leaseToken, reason: 'shutdown', cause: 'SIGTERM' });
  const delivery = await claimDelivery(db, { serverId: 's1', leaseSeconds: 60 });
  assert.match(delivery?.body ?? '', /"location":"Queue"/);
  assert.equal(
    await claimDelivery(db, { serverId: 's1', leaseSeconds: 60 }),
    null,
    'the older status is dropped',
  );
});

test('returnJob() after a fault waits one minute, then five, then gives up with a result', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob({ key: 'k' }));
  for (const [attempt, tooEarlySeconds] of [
    [1, 50],
    [2, 290],
  ] as const) {
    const job = claimed(await claimJob(db, CLAIM));
    assert.equal(job.attempt, attempt);
    assert.equal(await returnJob(db, { ...job, reason: 'fault', cause: 'engine' }), 'returned');
    await passTime(database.url, tooEarlySeconds);
    assert.equal(await claimJob(db, CLAIM), null, `attempt ${attempt + 1} starts too early`);
    const waitMs = (await nextReleaseMs(db)) ?? 0;
    assert.ok(waitMs > 0 && waitMs <= 10_000, `${waitMs} ms`);
    await passTime(database.url, 10);
  }
  const job = claimed(await claimJob(db, CLAIM));
  assert.equal(job.attempt, 3);
  assert.equal(await returnJob(db, { ...job, reason: 'fault', cause: 'engine' }), 'exhausted');
  assert.deepEqual(await jobState(db, job.jobId), { kind: 'finished', outcome: 'failed' });
  const delivery = await claimDelivery(db, { serverId: 's1', leaseSeconds: 60 });
  assert.equal(delivery?.kind, 'result');
  const result: unknown = JSON.parse(delivery?.body ?? '');
  assert.partialDeepStrictEqual(result, { key: 'k', grading_id: delivery?.webhookId });
  assert.match(delivery?.body ?? '', /"errors":\["InfrastructureFailed: /);
});

test('returnJob() of a run that cannot be now waits one minute each time, and counts nothing', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob({ key: 'first' }));
  for (let run = 0; run < 4; run += 1) {
    const job = claimed(await claimJob(db, CLAIM));
    assert.deepEqual([job.key, job.attempt], ['first', 1]);
    assert.equal(await returnJob(db, { ...job, reason: 'not_now', cause: 'no store' }), 'returned');
    await passTime(database.url, 50);
    assert.equal(await claimJob(db, CLAIM), null, 'too early');
    await passTime(database.url, 10);
  }
  await enqueueJob(db, makeJob({ key: 'second', user: 'bob' }));
  const job = claimed(await claimJob(db, CLAIM));
  assert.deepEqual([job.key, job.attempt], ['first', 1]);
  const row = await findJobRow(db, job.jobId);
  assert.deepEqual([row?.faults, row?.lastFault], [0, 'no store'], 'staff see why it waited');
});

test('returnJob() after a fault keeps the place in front of those that were released later', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob({ key: 'first' }));
  const job = claimed(await claimJob(db, CLAIM));
  await enqueueJob(db, makeJob({ key: 'second', user: 'bob' }));
  await returnJob(db, { ...job, reason: 'fault', cause: 'engine' });
  await passTime(database.url, 61);
  assert.equal(claimed(await claimJob(db, CLAIM)).key, 'first');
});

test('every write with another token changes nothing', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob());
  const { jobId, leaseToken } = claimed(await claimJob(db, CLAIM));
  const wrong = { jobId, leaseToken: NO_TOKEN };
  assert.equal(await renewLease(db, { ...wrong, leaseSeconds: 30 }), false);
  assert.equal(await recordContainer(db, { ...wrong, container: 'orca-1' }), false);
  assert.equal(await returnJob(db, { ...wrong, reason: 'fault', cause: '' }), 'fenced');
  const result = { outcome: 'graded', gradingId: 'msg_1', body: '{}' } as const;
  assert.equal(await finishJob(db, { ...wrong, ...result }), false);
  assert.deepEqual(await jobState(db, jobId), { kind: 'grading' });
  assert.equal(await finishJob(db, { jobId, leaseToken, ...result }), true);
  assert.equal(await finishJob(db, { jobId, leaseToken, ...result }), false, 'a result is stored once');
});

test('finishJob() and a take-over at the same moment leave one result', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  for (let round = 0; round < 30; round += 1) {
    await enqueueJob(db, makeJob({ key: `job ${round}` }));
    const { jobId, leaseToken } = claimed(await claimJob(db, CLAIM));
    await passTime(database.url, 60);
    const gradingId = `msg_${round}`;
    const [finished, taken] = await Promise.all([
      finishJob(db, { jobId, leaseToken, outcome: 'graded', gradingId, body: '{}' }),
      claimJob(db, CLAIM),
    ]);
    assert.equal(finished, taken === null, `round ${round}`);
    if (taken === null) continue;
    const second = { ...taken, outcome: 'graded', gradingId: `${gradingId}b`, body: '{}' } as const;
    assert.equal(await finishJob(db, second), true);
  }
});

test('listKnownContainers() calls a container dead when its lease is over and its worker is silent', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const tokenHash = Buffer.alloc(32, 1);
  const worker = { hostname: 'host', tokenHash, version: '0.1.0', slots: 1, engineId: 'e' };
  await registerWorker(db, { ...worker, workerId: 'w1' });
  await enqueueJob(db, makeJob());
  const { jobId, leaseToken } = claimed(await claimJob(db, CLAIM));
  assert.deepEqual(await listKnownContainers(db), []);
  assert.equal(await recordContainer(db, { jobId, leaseToken, container: 'orca-1' }), true);
  const known = { container: 'orca-1', workerId: 'w1' };
  assert.deepEqual(await listKnownContainers(db), [{ ...known, alive: true }]);
  await passTime(database.url, 300);
  assert.deepEqual(await listKnownContainers(db), [{ ...known, alive: false }]);
  assert.equal(await beatWorker(db, 'w1'), true);
  assert.deepEqual(
    await listKnownContainers(db),
    [{ ...known, alive: true }],
    'cut off from its lease, but at work',
  );
  await finishJob(db, { jobId, leaseToken, outcome: 'graded', gradingId: 'msg_1', body: '{}' });
  assert.deepEqual(await listKnownContainers(db), []);
});
