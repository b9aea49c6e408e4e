import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  claimDelivery,
  claimJob,
  type Database,
  findJobRow,
  findUsableImage,
  jobState,
  listImageUses,
  markArchiveLost,
  notifyJobs,
  settleHeldJobs,
} from '@orca/database';
import { makeReadyImage, passTime, SAVED_IMAGE, startCutProxy } from '@orca/database/testing';
import type { Fitness } from './fitness.ts';
import { startTestWork, FIT } from './testing/start-test-work.ts';
import { FACTS } from './testing/fake-grading.ts';
import { waitFor } from './testing/wait-for.ts';
import { createWakeUp } from './wake-up.ts';

async function untilFinished(db: Database, jobId: number): Promise<void> {
  await waitFor(`the end of job ${jobId}`, async () => (await jobState(db, jobId)).kind === 'finished');
}

/** The bodies of the results that the clients are owed, oldest first. */
async function owedResults(db: Database): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const delivery = await claimDelivery(db, { serverId: `test ${bodies.length}`, leaseSeconds: 60 });
    if (delivery === null) return bodies;
    if (delivery.kind === 'result') bodies.push(delivery.body);
  }
}

test('startWork() grades a job that is queued and owes its client the very bytes of the result', async () => {
  await using work = await startTestWork();
  const jobId = await work.put({ key: 'the key' });
  const run = await work.grading.run(0);
  assert.equal(run.job.key, 'the key');
  assert.match(run.job.gradingId, /^msg_[A-Za-z0-9_-]{20,}$/);
  assert.deepEqual(await jobState(work.db, jobId), { kind: 'grading' });
  const body = '{"key":"the key","odd":  "\u{1F40B}"}';
  run.end({ kind: 'result', outcome: 'graded', body, ...FACTS });
  await untilFinished(work.db, jobId);
  assert.deepEqual(await jobState(work.db, jobId), { kind: 'finished', outcome: 'graded' });
  assert.deepEqual(await owedResults(work.db), [body]);
});

test('startWork() puts a job whose image was pruned back into the pen, and takes it again when the image is there', async () => {
  await using work = await startTestWork();
  const sha = await makeReadyImage(work.db, 'FROM orca-grader-base\n#\n');
  const jobId = await work.put({ grader_image_sha: sha });
  const run = await work.grading.run(0);
  await markArchiveLost(work.db, { sha, archiveSha256: SAVED_IMAGE.archiveSha256 });
  run.end({ kind: 'image_gone' });
  await waitFor('the pen', async () => (await jobState(work.db, jobId)).kind === 'held');
  assert.deepEqual(await findUsableImage(work.db, sha), { kind: 'not_built', state: 'queued' });
  await makeReadyImage(work.db, 'FROM orca-grader-base\n#\n');
  assert.deepEqual(await settleHeldJobs(work.db, sha), { released: 1, failed: 0 });
  await notifyJobs(work.db);
  (await work.grading.run(1)).finish();
  await untilFinished(work.db, jobId);
  const claimed = await listImageUses(work.db, [sha]);
  assert.ok(Date.now() - (claimed[0]?.lastUsedAt.getTime() ?? 0) < 60_000, 'its use was noted');
});

test('startWork() takes a delayed job when it is released, though nobody tells it then', async () => {
  await using work = await startTestWork();
  const jobId = await work.put({}, { delaySeconds: 0.7 });
  const before = performance.now();
  (await work.grading.run(0)).finish();
  assert.ok(performance.now() - before > 400, 'not before its release');
  await untilFinished(work.db, jobId);
});

test('startWork() finds by its poll what nobody told it of', async () => {
  await using work = await startTestWork({ pollMs: 200 });
  await work.put({}, { silently: true });
  (await work.grading.run(0)).finish();
});

test('startWork() grades as many jobs at once as it has slots, and goes on when one is free', async () => {
  await using work = await startTestWork({ slots: 2 });
  for (const key of ['a', 'b', 'c']) await work.put({ key, collation: { type: 'user', id: key } });
  const first = await work.grading.run(0);
  await work.grading.run(1);
  assert.equal(await claimable(work.db), true, 'the third waits');
  first.finish();
  await work.grading.run(2);
  assert.deepEqual(
    work.grading.runs.map((run) => run.job.key),
    ['a', 'b', 'c'],
  );
});

test('startWork() claims the next job in the transaction that stores a result', async () => {
  await using work = await startTestWork();
  const ids: number[] = [];
  for (const key of ['a', 'b', 'c']) ids.push(await work.put({ key, collation: { type: 'user', id: key } }));
  for (const number of [0, 1, 2]) (await work.grading.run(number)).finish();
  await untilFinished(work.db, ids[2] ?? 0);
  const [a, b, c] = await Promise.all(ids.map((id) => findJobRow(work.db, id)));
  assert.ok(a?.finishedAt && b?.finishedAt);
  assert.deepEqual([b.claimedAt, c?.claimedAt], [a.finishedAt, b.finishedAt]);
});

/** Whether a job waits that is released. */
async function claimable(db: Database): Promise<boolean> {
  const states = await Promise.all([1, 2, 3].map((jobId) => jobState(db, jobId)));
  return states.some((state) => state.kind === 'waiting');
}

test('startWork() stops a run within 2 s whose job gets other content, and stores only the new result', async () => {
  await using work = await startTestWork();
  const jobId = await work.put({ metadata_table: { version: '1' } });
  const old = await work.grading.run(0);
  const before = performance.now();
  assert.equal(await work.put({ metadata_table: { version: '2' } }), jobId);
  await waitFor('the old run to be stopped', () => old.signal.aborted);
  assert.ok(performance.now() - before < 8_000, 'by the notification: the lease is renewed only after 10 s');
  const run = await work.grading.run(1);
  assert.deepEqual(run.job.config.metadata_table, { version: '2' });
  run.finish();
  await untilFinished(work.db, jobId);
  assert.equal((await owedResults(work.db)).length, 1);
});

test('startWork() hands a fault back to be graded again later', async () => {
  await using work = await startTestWork();
  const jobId = await work.put();
  (await work.grading.run(0)).end({ kind: 'fault', sentence: 'Cannot reach the moon' });
  const state = await waitFor('the job to wait', async () => {
    const now = await jobState(work.db, jobId);
    return now.kind === 'waiting' ? now : null;
  });
  assert.ok(state.releasedInSeconds > 30, 'not at once');
  assert.equal(work.grading.runs.length, 1);
});

test('startWork() puts a job off whose image cannot be had now, as often as it takes, and counts no attempt', async () => {
  await using work = await startTestWork({ pollMs: 200 });
  const jobId = await work.put();
  for (let run = 0; run < 4; run += 1) {
    (await work.grading.run(run)).end({ kind: 'not_now', sentence: 'Cannot download grader images now' });
    const state = await waitFor('the job to wait', async () => {
      const now = await jobState(work.db, jobId);
      return now.kind === 'waiting' ? now : null;
    });
    assert.ok(state.releasedInSeconds > 30, 'not at once');
    await passTime(work.db.url, 61);
  }
  (await work.grading.run(4)).finish();
  await untilFinished(work.db, jobId);
  assert.deepEqual(await jobState(work.db, jobId), { kind: 'finished', outcome: 'graded' });
});

test('drain() claims nothing more, lets a run end within its grace, and stores its result', async () => {
  await using work = await startTestWork({ graceMs: 20_000 });
  const running = await work.put({ key: 'running' });
  const run = await work.grading.run(0);
  const waiting = await work.put({ key: 'waiting' });
  const stopped = work.stop();
  run.finish();
  await stopped;
  assert.deepEqual(await jobState(work.db, running), { kind: 'finished', outcome: 'graded' });
  assert.equal((await jobState(work.db, waiting)).kind, 'waiting');
  assert.equal(work.grading.runs.length, 1);
});

test('drain() stops what runs beyond its grace, and another worker takes it at once', async () => {
  await using work = await startTestWork({ graceMs: 50 });
  const jobId = await work.put();
  const run = await work.grading.run(0);
  await work.stop();
  assert.equal(run.signal.aborted, true);
  await using other = await startTestWork({ on: work.db });
  (await other.grading.run(0)).finish();
  await untilFinished(work.db, jobId);
});

test('drain() does not wait for the grace when it is hurried', async () => {
  await using work = await startTestWork({ graceMs: 60_000 });
  const jobId = await work.put();
  await work.grading.run(0);
  const hurried = new AbortController();
  const stopped = work.stop(hurried.signal);
  hurried.abort();
  await stopped;
  assert.equal((await jobState(work.db, jobId)).kind, 'waiting');
});

test('startWork() outlives an outage of the database: the run goes on and its result is stored afterwards', async () => {
  await using stack = new AsyncDisposableStack();
  const plain = stack.use(await startTestWork({ pollMs: 60_000 }));
  await plain.stop();
  const proxy = stack.use(await startCutProxy(plain.db.url));
  await using work = await startTestWork({ on: plain.db, databaseUrl: () => proxy.url, slots: 2 });
  const jobId = await work.put();
  const run = await work.grading.run(0);
  proxy.cut();
  run.finish();
  // The worker has noticed when its free slot can claim nothing.
  assert.equal((await jobState(plain.db, jobId)).kind, 'grading');
  proxy.mend();
  await untilFinished(plain.db, jobId);
  const next = await work.put({ key: 'after the outage' });
  (await work.grading.run(1)).finish();
  await untilFinished(plain.db, next);
});

test('startWork() claims nothing while something that every job needs fails, and goes on by itself', async () => {
  let isFit = false;
  const recovered = createWakeUp();
  const asked = createWakeUp();
  const fitness: Fitness = {
    ...FIT,
    async untilFit(stop) {
      asked.wake();
      if (!isFit) await recovered.wait(60_000, stop);
    },
  };
  await using work = await startTestWork({ fitness });
  await asked.wait(10_000, new AbortController().signal);
  const jobId = await work.put();
  assert.equal((await jobState(work.db, jobId)).kind, 'waiting');
  isFit = true;
  recovered.wake();
  (await work.grading.run(0)).finish();
  await untilFinished(work.db, jobId);
});

test('startWork() keeps the lease of a run for longer than a lease lasts', async () => {
  await using work = await startTestWork({ leaseSeconds: 1 });
  const jobId = await work.put();
  const run = await work.grading.run(0);
  const rival = { workerId: 'rival', leaseSeconds: 60, graceAfterStartSeconds: 0 };
  const enough = performance.now() + 2_500;
  await waitFor('two and a half leases', async () => {
    assert.equal(await claimJob(work.db, rival), null);
    return performance.now() > enough;
  });
  assert.equal(run.signal.aborted, false);
  run.finish();
  await untilFinished(work.db, jobId);
});
