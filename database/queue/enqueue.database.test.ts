import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listViolations } from '../audit/invariants.ts';
import { claimDelivery, recordDeliveryAttempt } from '../deliveries/deliveries.ts';
import { CHANNELS, listenTo } from '../listen.ts';
import { cloneDatabase, makeJob, passTime } from '../testing/index.ts';
import { claimJob } from './claim.ts';
import { type Enqueued, enqueueJob } from './enqueue.ts';
import { findJobs } from './find-jobs.ts';
import { finishJob } from './finish.ts';
import { findJobRow } from './inspect-job.ts';
import { returnJob } from './lease.ts';
import { countJobs, jobState } from './look.ts';
import { regradeJob } from './regrade.ts';
import type { ClaimedJob } from './turn.ts';

const CLAIM = { workerId: 'w1', leaseSeconds: 30, graceAfterStartSeconds: 0 } as const;
const ATTEMPT = { statusCode: 200, durationMs: 1, answerStart: '', error: null } as const;

function queued(answer: Enqueued): Extract<Enqueued, { kind: 'queued' }> {
  assert.equal(answer.kind, 'queued');
  if (answer.kind !== 'queued') throw new Error('not queued');
  return answer;
}

function claimed(job: ClaimedJob | null): ClaimedJob {
  assert.notEqual(job, null, 'nothing was due');
  if (job === null) throw new Error('nothing was due');
  return job;
}

test('enqueueJob() refuses an image that nobody has posted, and stores nothing', async () => {
  await using database = await cloneDatabase();
  const answer = await enqueueJob(database.db, makeJob({ imageSha: 'c'.repeat(64) }));
  assert.deepEqual(answer, { kind: 'unknown_image' });
  assert.equal(await countJobs(database.db), 0);
});

test('enqueueJob() gives the job back byte for byte', async () => {
  await using database = await cloneDatabase();
  const key = `O'Brien "%\\$1" \u202e ü 🎓 \ud800 {"secret":1}`;
  queued(await enqueueJob(database.db, makeJob({ key, content: '\ud800' })));
  const job = claimed(await claimJob(database.db, CLAIM));
  assert.equal(job.key, key);
  assert.deepEqual(job.config, makeJob({ key, content: '\ud800' }).config);
});

test('enqueueJob() of new content while it waits keeps its place', async () => {
  await using database = await cloneDatabase();
  const { jobId } = queued(await enqueueJob(database.db, makeJob({ key: 'a', user: 'ada' })));
  await enqueueJob(database.db, makeJob({ key: 'b', user: 'bob' }));
  const again = queued(
    await enqueueJob(database.db, makeJob({ key: 'a', user: 'ada', content: 'second', delaySeconds: 500 })),
  );
  assert.deepEqual(again, { kind: 'queued', jobId, location: 'Queue', change: 'updated' });
  const job = claimed(await claimJob(database.db, CLAIM));
  assert.equal(job.jobId, jobId);
  assert.equal(job.generation, 2);
  assert.equal(job.config.metadata_table['content'], 'second');
});

test('enqueueJob() of new content while it is graded fences the run, and tells its worker', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const stop = new AbortController();
  const connected = Promise.withResolvers<void>();
  const told = Promise.withResolvers<string>();
  const listener = {
    onConnected: () => connected.resolve(),
    onNotification: (channel: string, payload: string) => told.resolve(`${channel} ${payload}`),
  };
  const listening = listenTo(database.url, [CHANNELS.runs], listener, stop.signal);
  await connected.promise;
  const { jobId } = queued(await enqueueJob(db, makeJob()));
  const { leaseToken } = claimed(await claimJob(db, CLAIM));
  await enqueueJob(db, makeJob({ content: 'second' }));
  assert.equal(await told.promise, `orca_runs ${jobId}`);
  const late = { jobId, leaseToken, outcome: 'graded', gradingId: 'msg_1', body: '{}' } as const;
  assert.equal(await finishJob(db, late), false);
  const next = claimed(await claimJob(db, CLAIM));
  assert.equal(next.jobId, jobId);
  assert.equal(next.generation, 2);
  stop.abort();
  await listening;
});

test('enqueueJob() of new content for a job being graded tells its client that the job is back in the queue', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const { jobId } = queued(await enqueueJob(db, makeJob()));
  claimed(await claimJob(db, CLAIM));
  await enqueueJob(db, makeJob({ content: 'second' }));
  const told: unknown[] = [];
  for (;;) {
    const delivery = await claimDelivery(db, { serverId: 's1', leaseSeconds: 60 });
    if (delivery === null) break;
    told.push(JSON.parse(delivery.body).status);
    const { deliveryId, leaseToken } = delivery;
    await recordDeliveryAttempt(db, { ...ATTEMPT, deliveryId, leaseToken, outcome: { kind: 'delivered' } });
  }
  assert.deepEqual(told.at(-1), { location: 'Queue', id: jobId });
});

test('enqueueJob() of new content ends the back-off of the old one', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob());
  const { jobId, leaseToken } = claimed(await claimJob(db, CLAIM));
  assert.equal(await returnJob(db, { jobId, leaseToken, reason: 'fault', cause: 'disk full' }), 'returned');
  assert.equal(await claimJob(db, CLAIM), null);
  await enqueueJob(db, makeJob({ content: 'second' }));
  const next = claimed(await claimJob(db, CLAIM));
  assert.equal(next.attempt, 1);
});

test('enqueueJob() of a finished job is the next generation, and drops the result that is not delivered', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const { jobId } = queued(await enqueueJob(db, makeJob()));
  const { leaseToken } = claimed(await claimJob(db, CLAIM));
  await finishJob(db, { jobId, leaseToken, outcome: 'graded', gradingId: 'msg_1', body: '{"old":true}' });
  const again = queued(await enqueueJob(db, makeJob()));
  assert.deepEqual(again, { kind: 'queued', jobId, location: 'Queue', change: 'updated' });
  assert.equal(await claimDelivery(db, { serverId: 's1', leaseSeconds: 60 }), null);
  const next = claimed(await claimJob(db, CLAIM));
  assert.equal(next.generation, 2);
  await finishJob(db, {
    jobId,
    leaseToken: next.leaseToken,
    outcome: 'graded',
    gradingId: 'msg_2',
    body: '{"new":true}',
  });
  const delivery = await claimDelivery(db, { serverId: 's1', leaseSeconds: 60 });
  assert.equal(delivery?.body, '{"new":true}');
});

test('enqueueJob() of a finished job whose result is on its way sends nothing of the next one before it has ended', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const server = { serverId: 's1', leaseSeconds: 60 };
  const { jobId } = queued(await enqueueJob(db, makeJob()));
  const { leaseToken } = claimed(await claimJob(db, CLAIM));
  await finishJob(db, { jobId, leaseToken, outcome: 'graded', gradingId: 'msg_1', body: '{}' });
  const underWay = await claimDelivery(db, server);
  assert.equal(underWay?.kind, 'result');
  await enqueueJob(db, makeJob());
  claimed(await claimJob(db, CLAIM));
  assert.equal(await claimDelivery(db, server), null, 'a status of the new run overtakes the old result');
  const tried = { deliveryId: underWay?.deliveryId ?? 0, leaseToken: underWay?.leaseToken ?? '' };
  await recordDeliveryAttempt(db, { ...ATTEMPT, ...tried, statusCode: 500, outcome: { kind: 'retry' } });
  const next = await claimDelivery(db, server);
  assert.equal(next?.kind, 'status', 'the old result is tried no more');
  await passTime(database.url, 86_400);
  assert.equal(await claimDelivery(db, server).then((delivery) => delivery?.kind), 'status');
});

test('enqueueJob() and regradeJob() of a finished job drop the result whose server has died', async () => {
  for (const again of ['put', 'regrade'] as const) {
    await using database = await cloneDatabase();
    const { db } = database;
    const { jobId } = queued(await enqueueJob(db, makeJob()));
    const { leaseToken } = claimed(await claimJob(db, CLAIM));
    await finishJob(db, { jobId, leaseToken, outcome: 'graded', gradingId: 'msg_1', body: '{}' });
    assert.equal((await claimDelivery(db, { serverId: 's1', leaseSeconds: 60 }))?.kind, 'result');
    await passTime(database.url, 61);
    if (again === 'put')
      assert.partialDeepStrictEqual(await enqueueJob(db, makeJob()), { kind: 'queued', jobId });
    else assert.equal((await regradeJob(db, { jobId, clients: null })).kind, 'regraded');
    assert.equal(await claimDelivery(db, { serverId: 's2', leaseSeconds: 60 }), null, again);
  }
});

test('a collation that came with new content counts with the next place, also that of a regrade', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const { jobId } = queued(await enqueueJob(db, makeJob({ user: 'a' })));
  queued(await enqueueJob(db, makeJob({ user: 'b', content: 'other' })));
  const searchOf = (id: string) => ({
    ...{
      states: ['waiting'] as const,
      clients: null,
      imageSha: null,
      arrivedAfter: null,
      arrivedBefore: null,
    },
    collation: { type: 'user', id } as const,
  });
  const whose = async () => [
    (await findJobRow(db, jobId))?.collation.id,
    ...(await Promise.all(['a', 'b'].map((id) => findJobs(db, searchOf(id), 9)))),
  ];
  assert.deepEqual(await whose(), ['a', [jobId], []]);
  const { leaseToken } = claimed(await claimJob(db, CLAIM));
  await finishJob(db, { jobId, leaseToken, outcome: 'graded', gradingId: 'msg_1', body: '{}' });
  assert.equal((await regradeJob(db, { jobId, clients: null })).kind, 'regraded');
  assert.deepEqual(await whose(), ['b', [], [jobId]]);
  assert.deepEqual(await listViolations(db), []);
  assert.equal(claimed(await claimJob(db, CLAIM)).jobId, jobId);
});

test('enqueueJob() makes a waiting job immediate, at its place or earlier', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const { jobId } = queued(await enqueueJob(db, makeJob({ key: 'a', delaySeconds: 1000 })));
  queued(await enqueueJob(db, makeJob({ key: 'b', delaySeconds: 2000 })));
  assert.equal(await claimJob(db, CLAIM), null);
  const now = queued(await enqueueJob(db, makeJob({ key: 'a', delaySeconds: 1000, immediate: true })));
  assert.equal(now.jobId, jobId);
  assert.equal(claimed(await claimJob(db, CLAIM)).jobId, jobId);
  assert.equal(await claimJob(db, CLAIM), null);
});

test('enqueueJob() with immediate is not overtaken by a newer job of its submitter', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob({ key: 'now', immediate: true, delaySeconds: 1000 }));
  await enqueueJob(db, makeJob({ key: 'later' }));
  assert.equal(claimed(await claimJob(db, CLAIM)).key, 'now');
  assert.equal(claimed(await claimJob(db, CLAIM)).key, 'later');
});

test('enqueueJob() of a job in the pen keeps it there until it names an image that is ready', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const imageSha = 'b'.repeat(64);
  await db.query(
    {
      name: 'insert_building',
      text: `insert into orca.images (sha, dockerfile, state) values ($1, 'FROM orca-grader-base', 'queued')`,
      writes: true,
    },
    [imageSha],
  );
  const held = queued(await enqueueJob(db, makeJob({ imageSha })));
  assert.equal(held.location, 'HoldingPen');
  assert.deepEqual(await jobState(db, held.jobId), { kind: 'held' });
  assert.equal(await claimJob(db, CLAIM), null);
  const ready = queued(await enqueueJob(db, makeJob()));
  assert.deepEqual(ready, { kind: 'queued', jobId: held.jobId, location: 'Queue', change: 'updated' });
  assert.equal(claimed(await claimJob(db, CLAIM)).jobId, held.jobId);
});
