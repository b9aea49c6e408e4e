import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import type { Database } from '../connect.ts';
import { cancelJob } from '../queue/cancel.ts';
import { claimJob } from '../queue/claim.ts';
import { enqueueJob } from '../queue/enqueue.ts';
import { finishJob } from '../queue/finish.ts';
import { TIMINGS_CHARACTERS_MAX } from '../queue/inspect-job.ts';
import { regradeJob } from '../queue/regrade.ts';
import { sqlFile } from '../sql-blocks.ts';
import { type ClonedDatabase, cloneDatabase, type MadeJob, makeJob, passTime } from '../testing/index.ts';
import { listJobHistory } from './job-history.ts';

const HOUR = 3_600;
const DELAY = 20;

const sql = sqlFile(import.meta.url, 'job-history.sql');

async function put(db: Database, made: MadeJob): Promise<number> {
  const queued = await enqueueJob(db, makeJob(made));
  return queued.kind === 'queued' ? queued.jobId : assert.fail(queued.kind);
}

/** Claims the next job, and ends it so many seconds later. */
async function grade({ db, url }: ClonedDatabase, seconds = 0): Promise<void> {
  const claimed = await claimJob(db, { workerId: 'w1', leaseSeconds: HOUR });
  assert.ok(claimed !== null);
  await passTime(url, seconds);
  const { jobId, leaseToken, queuedMs } = claimed;
  const timings = { queued_ms: Math.round(queuedMs), image_ms: 1 };
  const body = JSON.stringify({ output: '"timings":{"queued_ms":1}', timings });
  const end = { outcome: 'graded', gradingId: `msg_${leaseToken}`, body } as const;
  assert.ok(await finishJob(db, { jobId, leaseToken, ...end }));
}

async function listDelays(db: Database): Promise<number[]> {
  return (await listJobHistory(db, HOUR)).map(({ delaySeconds }) => delaySeconds);
}

test('listJobHistory() tells when each job came and how long it was graded, and nothing of cancelled ones', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  assert.deepEqual(await listJobHistory(db, HOUR), []);
  await put(db, { key: 'first', user: 'ada' });
  await grade(database, 7);
  await put(db, { key: 'urgent', user: 'bob', immediate: true });
  await put(db, { key: 'late', user: 'ada', delaySeconds: DELAY });
  const cancelled = await put(db, { key: 'cancelled', user: 'bob' });
  await cancelJob(db, { jobId: cancelled, clients: null });
  await grade(database, 30);
  await grade(database, 5);

  const history = await listJobHistory(db, HOUR);
  const [first, urgent, late] = history;
  assert.equal(history.length, 3);
  assert.equal(first?.atSeconds, 0);
  for (const [job, at, grading] of [
    [first, 0, 7],
    [urgent, 7, 30],
    [late, 7, 5],
  ] as const) {
    assert.ok(Math.abs((job?.atSeconds ?? -1) - at) < 5, `${job?.atSeconds}`);
    assert.ok(Math.abs((job?.gradingSeconds ?? -1) - grading) < 5, `${job?.gradingSeconds}`);
  }
  assert.deepEqual(
    history.map(({ delaySeconds, isImmediate }) => [delaySeconds, isImmediate]),
    [
      [0, false],
      [0, true],
      [DELAY, false],
    ],
  );
  assert.equal(first?.submitter, late?.submitter);
  assert.notEqual(first?.submitter, urgent?.submitter);
  assert.equal((await listJobHistory(db, 10)).length, 0, 'all of it came longer ago');
});

test('listJobHistory() tells the delay of the place that a job had, not of a config that was no PUT of a place', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  const jobId = await put(db, { delaySeconds: DELAY });
  await passTime(url, DELAY + 1);
  await grade(database);
  assert.deepEqual(await listDelays(db), [DELAY]);
  assert.equal((await regradeJob(db, { jobId, clients: null })).kind, 'regraded');
  await grade(database);
  assert.deepEqual(await listDelays(db), [0], 'a regrade has none');

  await put(db, { delaySeconds: DELAY });
  await put(db, { delaySeconds: 0, content: 'sooner' });
  await passTime(url, DELAY + 7);
  await grade(database);
  assert.deepEqual(await listDelays(db), [DELAY], 'an update in line keeps its place');

  await put(db, { delaySeconds: 0, content: 'now' });
  await put(db, { delaySeconds: DELAY, content: 'later' });
  await passTime(url, 7);
  await grade(database);
  assert.deepEqual(await listDelays(db), [0], 'also when it asks for a delay');
});

test('listJobHistory() takes no later place of its submitter for the delay of a job', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  const keys = ['older', 'newer'];
  for (const round of ['first', 'put again']) {
    for (const key of keys) {
      await put(db, { key, content: round });
      await passTime(url, 60);
    }
    // The first place serves the newer job, so that the older one waits for the place of the newer one.
    for (const _ of keys) await grade(database);
    assert.deepEqual(await listDelays(db), [0, 0], round);
  }
});

test('listJobHistory() finds what came lately by the index of ends', async () => {
  await using database = await cloneDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query('set enable_seqscan = off');
    await client.query(`prepare history as ${sql('list_job_history').text}`);
    for (const plan of ['generic', 'custom']) {
      await client.query(`set plan_cache_mode = force_${plan}_plan`);
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `explain execute history (${HOUR}, ${TIMINGS_CHARACTERS_MAX})`,
      );
      const lines = rows.map((row) => row['QUERY PLAN']).join('\n');
      assert.match(lines, /jobs_finished.*\n *Index Cond: \(finished_at > /, plan);
    }
  } finally {
    await client.end();
  }
});
