import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import type { Database } from '../connect.ts';
import { eventsMark, readEvents } from '../events/events.ts';
import { cloneDatabase, makeJob } from '../testing/index.ts';
import { claimJob } from './claim.ts';
import { enqueueJob } from './enqueue.ts';
import { finishAndClaimJob } from './finish.ts';
import { findJobRow } from './inspect-job.ts';
import { jobState } from './look.ts';
import type { ClaimedJob } from './turn.ts';

const CLAIM = { workerId: 'w1', leaseSeconds: 30, graceAfterStartSeconds: 0 } as const;
const RESULT = { outcome: 'graded', gradingId: 'msg_1', body: '{}' } as const;
const NO_TOKEN = '00000000-0000-4000-8000-000000000000';

/** A database where jobs wait, one for each user, and the first is with a worker. */
async function openRun(users: readonly string[]) {
  const database = await cloneDatabase();
  for (const user of users) await enqueueJob(database.db, makeJob({ key: user, user }));
  const job = await claimJob(database.db, CLAIM);
  if (job === null) throw new Error('nothing was due');
  return { ...database, job };
}

function leaseOf({ jobId, leaseToken }: ClaimedJob) {
  return { jobId, leaseToken };
}

/** What its events say: of a command its facts, of a change its state. */
async function factsOf(db: Database, jobId: number): Promise<unknown[]> {
  const { upTo } = await eventsMark(db);
  const events = await readEvents(db, { kind: 'job', jobId }, { after: 0, upTo, limit: 100 });
  return events.map(({ kind, facts }) => (kind === 'command' ? facts : Object(facts).state));
}

/** What their clients are owed; `isOwn`: under an id of its own, not the result's. */
async function owedTo(url: string, jobIds: readonly number[]): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(
      `select kind, location, generation, webhook_id ~ '^msg_[0-9a-f]{32}$' as "isOwn"
      from orca.deliveries where job_id = any ($1) order by job_id, id`,
      [jobIds],
    );
    return rows;
  } finally {
    await client.end();
  }
}

test('finishAndClaimJob() stores a result and leases the next job, at one moment', async () => {
  await using run = await openRun(['ada', 'bob']);
  const { db, job, url } = run;
  const { isStored, next } = await finishAndClaimJob(db, { ...leaseOf(job), ...RESULT }, CLAIM);
  assert.equal(isStored, true);
  assert.deepEqual([next?.key, next?.generation, next?.attempt], ['bob', 1, 1]);
  assert.deepEqual(next?.config, makeJob({ key: 'bob', user: 'bob' }).config);
  assert.deepEqual(await jobState(db, job.jobId), { kind: 'finished', outcome: 'graded' });
  const [ended, begun] = [await findJobRow(db, job.jobId), await findJobRow(db, next?.jobId ?? 0)];
  assert.equal(begun?.state, 'grading');
  assert.ok(ended?.finishedAt);
  assert.deepEqual(ended.finishedAt, begun.claimedAt);
  assert.deepEqual(await owedTo(url, [job.jobId, next?.jobId ?? 0]), [
    { kind: 'status', location: 'Worker', generation: null, isOwn: true },
    { kind: 'result', location: null, generation: 1, isOwn: false },
    { kind: 'status', location: 'Worker', generation: null, isOwn: true },
  ]);
});

test('finishAndClaimJob() claims for the free slot also when the result does not count', async () => {
  await using run = await openRun(['ada', 'bob']);
  const { db, job } = run;
  const strange = { jobId: job.jobId, leaseToken: NO_TOKEN, ...RESULT };
  const { isStored, next } = await finishAndClaimJob(db, strange, CLAIM);
  assert.deepEqual([isStored, next?.key], [false, 'bob']);
  assert.deepEqual(await jobState(db, job.jobId), { kind: 'grading' });
});

test('finishAndClaimJob() stores a result when nothing waits', async () => {
  await using run = await openRun(['ada']);
  const { db, job } = run;
  const finish = { ...leaseOf(job), ...RESULT };
  assert.deepEqual(await finishAndClaimJob(db, finish, CLAIM), { isStored: true, next: null });
  assert.deepEqual(await finishAndClaimJob(db, finish, CLAIM), { isStored: false, next: null }, 'once');
});

test('finishAndClaimJob() tells of the last commands before it tells of the end', async () => {
  await using run = await openRun(['ada', 'bob']);
  const { db, job } = run;
  const end = { ...leaseOf(job), ...RESULT };
  const { isStored, next } = await finishAndClaimJob(db, end, CLAIM, [{ step: 0 }, { step: 1 }]);
  assert.deepEqual([isStored, next?.key], [true, 'bob']);
  assert.deepEqual((await factsOf(db, job.jobId)).slice(-3), [{ step: 0 }, { step: 1 }, 'finished']);
  await finishAndClaimJob(db, end, null, [{ step: 2 }]);
  assert.equal((await factsOf(db, job.jobId)).at(-1), 'finished', 'a run that does not count tells nothing');
});

test('finishAndClaimJob() stores a result though its commands cannot be told of', async () => {
  await using run = await openRun(['ada']);
  const { db, job, url } = run;
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(`alter table orca.job_events add check (kind <> 'command')`);
  await admin.end();
  const answer = await finishAndClaimJob(db, { ...leaseOf(job), ...RESULT }, CLAIM, [{ step: 0 }]);
  assert.deepEqual(answer, { isStored: true, next: null });
});

test('finishAndClaimJob() stores a result though the claim fails: its job stays locked too long', async () => {
  await using run = await openRun(['ada', 'bob']);
  const { db, job, url } = run;
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  try {
    await other.query(`begin; select from orca.jobs where config ->> 'key' = 'bob' for no key update`);
    const answer = await finishAndClaimJob(db, { ...leaseOf(job), ...RESULT }, CLAIM, [{ step: 0 }]);
    assert.deepEqual(answer, { isStored: true, next: null });
    await other.query('rollback');
    assert.deepEqual((await factsOf(db, job.jobId)).slice(-2), [{ step: 0 }, 'finished']);
  } finally {
    await other.end();
  }
  assert.deepEqual(await jobState(db, job.jobId), { kind: 'finished', outcome: 'graded' });
  assert.equal((await claimJob(db, CLAIM))?.key, 'bob');
});
