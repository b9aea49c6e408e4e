import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimDelivery } from '../deliveries/deliveries.ts';
import { cloneDatabase, makeJob, passTime } from '../testing/index.ts';
import { claimJob } from './claim.ts';
import { enqueueJob } from './enqueue.ts';
import { finishJob } from './finish.ts';
import { countJobs, jobState } from './look.ts';
import { renewLease } from './renew-lease.ts';
import type { ClaimedJob } from './turn.ts';

const CLAIM = { workerId: 'w1', leaseSeconds: 30, graceAfterStartSeconds: 0 } as const;

function claimed(job: ClaimedJob | null): ClaimedJob {
  if (job === null) throw new Error('nothing was due');
  return job;
}

test("claimJob() serves places by release time, each with its submitter's newest job", async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  for (const [key, user] of [
    ['a1', 'ada'],
    ['a2', 'ada'],
    ['b1', 'bob'],
    ['a3', 'ada'],
  ] as const) {
    await enqueueJob(db, makeJob({ key, user }));
  }
  const order: (string | undefined)[] = [];
  for (let turn = 0; turn < 5; turn += 1) order.push((await claimJob(db, CLAIM))?.key);
  assert.deepEqual(order, ['a3', 'a2', 'b1', 'a1', undefined]);
});

test('claimJob() never takes a job before its release time', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob({ delaySeconds: 1000 }));
  assert.equal(await claimJob(db, CLAIM), null);
  await passTime(database.url, 990);
  assert.equal(await claimJob(db, CLAIM), null);
  await passTime(database.url, 10);
  const job = claimed(await claimJob(db, CLAIM));
  assert.ok(
    job.queuedMs >= 0 && job.queuedMs < 60_000,
    `queued ${job.queuedMs} ms, counted from the release`,
  );
});

test('claimJob() lets a place that is released early serve a newer job with a longer delay', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob({ key: 'old' }));
  await enqueueJob(db, makeJob({ key: 'new', delaySeconds: 1000 }));
  const job = claimed(await claimJob(db, CLAIM));
  assert.equal(job.key, 'new');
  assert.equal(await claimJob(db, CLAIM), null);
  await finishJob(db, { ...job, outcome: 'graded', gradingId: 'msg_1', body: '{}' });
  await passTime(database.url, 1000);
  assert.equal(claimed(await claimJob(db, CLAIM)).key, 'old');
});

test('claimJob() gives a lease, tells the client, and leaves no place behind', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const answer = await enqueueJob(db, makeJob({ key: 'k' }));
  const job = claimed(await claimJob(db, CLAIM));
  assert.equal(answer.kind === 'queued' && answer.jobId, job.jobId);
  assert.equal(job.generation, 1);
  assert.equal(job.attempt, 1);
  assert.equal(job.responseUrl, makeJob().responseUrl);
  assert.deepEqual(job.config, makeJob({ key: 'k' }).config);
  assert.equal(await countJobs(db), 0);
  assert.deepEqual(await jobState(db, job.jobId), { kind: 'grading' });
  const status = await claimDelivery(db, { serverId: 's1', leaseSeconds: 60 });
  assert.equal(status?.kind, 'status');
  assert.deepEqual(JSON.parse(status?.body ?? ''), {
    key: 'k',
    status: { location: 'Worker', id: job.jobId },
  });
});

test('claimJob() by eight at once gives each of many jobs to one only, in order', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const jobs = 400;
  for (let index = 0; index < jobs; index += 1) {
    await enqueueJob(db, makeJob({ key: `job ${index}`, user: `user ${index % 40}` }));
  }
  const seen: number[] = [];
  const work = async () => {
    for (let job = await claimJob(db, CLAIM); job !== null; job = await claimJob(db, CLAIM))
      seen.push(job.jobId);
  };
  await Promise.all(Array.from({ length: 8 }, work));
  assert.equal(seen.length, jobs);
  assert.equal(new Set(seen).size, jobs);
});

test('claimJob() by two at once for one job gives it to exactly one, every time', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  for (let round = 0; round < 100; round += 1) {
    await enqueueJob(db, makeJob({ key: `job ${round}` }));
    const both = await Promise.all([claimJob(db, CLAIM), claimJob(db, { ...CLAIM, workerId: 'w2' })]);
    assert.equal(both.filter((job) => job !== null).length, 1, `round ${round}`);
  }
});

test('claimJob() takes over a run whose lease has run out, and not before', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob());
  const first = claimed(await claimJob(db, CLAIM));
  await passTime(database.url, 20);
  assert.equal(await claimJob(db, { ...CLAIM, workerId: 'w2' }), null);
  await passTime(database.url, 20);
  const second = claimed(await claimJob(db, { ...CLAIM, workerId: 'w2' }));
  assert.equal(second.jobId, first.jobId);
  assert.equal(second.attempt, 2);
  assert.notEqual(second.leaseToken, first.leaseToken);
  const { jobId, leaseToken } = first;
  assert.equal(await renewLease(db, { jobId, leaseToken, leaseSeconds: 30 }), false);
  const late = { jobId, leaseToken, outcome: 'graded', gradingId: 'msg_late', body: '{}' } as const;
  assert.equal(await finishJob(db, late), false);
  assert.deepEqual(await jobState(db, jobId), { kind: 'grading' });
});

test('claimJob() takes over nothing in the first seconds after PostgreSQL has started', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob());
  claimed(await claimJob(db, CLAIM));
  await passTime(database.url, 60);
  assert.equal(await claimJob(db, { ...CLAIM, graceAfterStartSeconds: 86_400 }), null);
  claimed(await claimJob(db, CLAIM));
});

test('claimJob() lets a lease that ran out go on when nobody has taken it over', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob());
  const { jobId, leaseToken } = claimed(await claimJob(db, CLAIM));
  await passTime(database.url, 600);
  assert.equal(await renewLease(db, { jobId, leaseToken, leaseSeconds: 30 }), true);
  assert.equal(await claimJob(db, CLAIM), null);
  assert.equal(
    await finishJob(db, { jobId, leaseToken, outcome: 'graded', gradingId: 'msg_1', body: '{}' }),
    true,
  );
});

test('claimJob() ends a job that three workers died with, and goes on with the next', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob({ key: 'killer' }));
  const attempts: (number | undefined)[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    attempts.push((await claimJob(db, CLAIM))?.attempt);
    await passTime(database.url, 60);
  }
  assert.deepEqual(attempts, [1, 2, 3]);
  await enqueueJob(db, makeJob({ key: 'next', user: 'bob' }));
  assert.equal(claimed(await claimJob(db, CLAIM)).key, 'next');
  const bodies: string[] = [];
  for (let turn = 0; turn < 2; turn += 1) {
    const delivery = await claimDelivery(db, { serverId: 's1', leaseSeconds: 60 });
    if (delivery !== null) bodies.push(delivery.body);
  }
  const result: unknown = JSON.parse(bodies.find((body) => body.includes('"errors"')) ?? 'null');
  assert.partialDeepStrictEqual(result, {
    key: 'killer',
    shell_responses: [],
    error_codes: ['InfrastructureFailed'],
  });
});
