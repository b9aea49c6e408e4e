import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '../connect.ts';
import { claimDelivery, recordDeliveryAttempt } from '../deliveries/deliveries.ts';
import { requestImage } from '../images/request-image.ts';
import { cloneDatabase, makeJob } from '../testing/index.ts';
import { cancelJob } from './cancel.ts';
import { claimJob } from './claim.ts';
import { enqueueJob } from './enqueue.ts';
import { finishJob } from './finish.ts';
import { countJobs, jobState } from './look.ts';
import type { ClaimedJob } from './turn.ts';

const CLAIM = { workerId: 'w1', leaseSeconds: 600, graceAfterStartSeconds: 0 } as const;
const ALL = { clients: null } as const;

async function put(db: Database, made: Parameters<typeof makeJob>[0] = {}): Promise<number> {
  const answer = await enqueueJob(db, makeJob(made));
  if (answer.kind !== 'queued') throw new Error('not queued');
  return answer.jobId;
}

async function claimed(db: Database): Promise<ClaimedJob> {
  const job = await claimJob(db, CLAIM);
  if (job === null) throw new Error('nothing was due');
  return job;
}

function finish(db: Database, { jobId, leaseToken }: ClaimedJob, gradingId: string): Promise<boolean> {
  return finishJob(db, { jobId, leaseToken, outcome: 'graded', gradingId, body: '{}' });
}

/** Everything that is POSTed from now on. */
async function deliverAll(db: Database): Promise<unknown[]> {
  const bodies: unknown[] = [];
  for (;;) {
    const delivery = await claimDelivery(db, { serverId: 's1', leaseSeconds: 60 });
    if (delivery === null) return bodies;
    bodies.push(JSON.parse(delivery.body));
    await recordDeliveryAttempt(db, {
      ...{ ...delivery, statusCode: 200, durationMs: 1, answerStart: '', error: null },
      outcome: { kind: 'delivered' },
    });
  }
}

const CANCELLED = { shell_responses: [], error_codes: ['JobCancelled'] } as const;

test('cancelJob() ends a waiting job: its client gets one result that says so', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const jobId = await put(db, { key: 'k' });
  assert.deepEqual(await cancelJob(db, { ...ALL, jobId }), { kind: 'cancelled', from: 'waiting' });
  assert.equal(await countJobs(db), 0);
  assert.deepEqual(await jobState(db, jobId), { kind: 'finished', outcome: 'cancelled' });
  const [result, ...more] = await deliverAll(db);
  assert.partialDeepStrictEqual(result, { ...CANCELLED, key: 'k' });
  assert.match(JSON.stringify(result), /"errors":\["JobCancelled: The job was cancelled/);
  assert.deepEqual(more, []);
  assert.deepEqual(await cancelJob(db, { ...ALL, jobId }), { kind: 'finished', outcome: 'cancelled' });
  assert.deepEqual(await deliverAll(db), []);
});

test('cancelJob() ends a held job, which its image does not bring back', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const imageSha = 'b'.repeat(64);
  await requestImage(db, {
    sha: imageSha,
    dockerfile: 'FROM orca-grader-base',
    recipient: null,
    askedBy: 'a',
  });
  const jobId = await put(db, { imageSha });
  assert.deepEqual(await cancelJob(db, { ...ALL, jobId }), { kind: 'cancelled', from: 'held' });
  assert.equal(await countJobs(db), 0);
  assert.partialDeepStrictEqual(await deliverAll(db), [CANCELLED]);
});

test('cancelJob() ends a job that is being graded: the token of its run counts no more', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const jobId = await put(db);
  const run = await claimed(db);
  assert.deepEqual(await cancelJob(db, { ...ALL, jobId }), { kind: 'cancelled', from: 'grading' });
  assert.equal(await finish(db, run, 'msg_late'), false);
  assert.partialDeepStrictEqual(await deliverAll(db), [CANCELLED]);
});

test("cancelJob() takes the place that serves the job: the submitter's other jobs keep theirs", async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await put(db, { key: 'a1', user: 'ada' });
  await put(db, { key: 'b1', user: 'bob' });
  const middle = await put(db, { key: 'a2', user: 'ada' });
  await put(db, { key: 'b2', user: 'bob' });
  await put(db, { key: 'a3', user: 'ada' });
  await cancelJob(db, { ...ALL, jobId: middle });
  const order: string[] = [];
  for (let job = await claimJob(db, CLAIM); job !== null; job = await claimJob(db, CLAIM))
    order.push(job.key);
  // Places: ada (a3), bob (b2), ada (a2, gone), bob (b1), ada (a1).
  assert.deepEqual(order, ['a3', 'b2', 'b1', 'a1']);
});

test('cancelJob() and finishJob() at the same moment: one of them wins, each time, with one result', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const wins = { cancelled: 0, finished: 0 };
  for (let round = 0; round < 100; round += 1) {
    const jobId = await put(db, { key: `job ${round}` });
    const run = await claimed(db);
    const cancel = () => cancelJob(db, { ...ALL, jobId });
    const both =
      round % 2 === 0
        ? Promise.all([cancel(), finish(db, run, `msg_${round}`)])
        : Promise.all([finish(db, run, `msg_${round}`), cancel()]).then(([a, b]) => [b, a] as const);
    const [cancelled, isFinished] = await both;
    assert.equal(cancelled.kind, isFinished ? 'finished' : 'cancelled', `round ${round}`);
    wins[isFinished ? 'finished' : 'cancelled'] += 1;
    assert.equal(
      (await deliverAll(db)).filter((body) => !JSON.stringify(body).includes('"status"')).length,
      1,
    );
  }
  assert.ok(wins.finished > 0, JSON.stringify(wins));
});

test('cancelJob() and claimJob() at the same moment leave neither a place nor a run behind', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  for (let round = 0; round < 100; round += 1) {
    const older = await put(db, { key: `older ${round}` });
    const jobId = await put(db, { key: `newer ${round}` });
    const cancels = [cancelJob(db, { ...ALL, jobId })];
    const [cancelled, run] = await Promise.all([cancels[0], claimJob(db, CLAIM)]);
    assert.equal(cancelled?.kind, 'cancelled', `round ${round}`);
    const late = run === null ? null : await finish(db, run, `msg_${round}`);
    const rest = await claimJob(db, CLAIM);
    const graded = [run?.jobId, rest?.jobId].filter((id) => id !== undefined);
    assert.ok(graded.includes(older), `round ${round}: the other job is lost`);
    assert.equal(late, run?.jobId === older, `round ${round}: a cancelled run counts`);
    if (rest !== null) await finish(db, rest, `msg_rest_${round}`);
    assert.equal(await countJobs(db), 0, `round ${round}`);
  }
});

test('cancelJob() leaves alone what is not the caller’s', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const jobId = await put(db);
  assert.deepEqual(await cancelJob(db, { jobId, clients: ['other.example.edu'] }), { kind: 'unknown' });
  assert.deepEqual(await cancelJob(db, { jobId: jobId + 1, ...ALL }), { kind: 'unknown' });
  assert.equal(await countJobs(db), 1);
  const clients = ['course.example.edu'];
  assert.deepEqual(await cancelJob(db, { jobId, clients }), { kind: 'cancelled', from: 'waiting' });
});
