import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { listViolations } from '../audit/invariants.ts';
import { cloneDatabase, makeJob } from '../testing/index.ts';
import { claimJob } from './claim.ts';
import { type Enqueued, enqueueJob } from './enqueue.ts';
import { countJobs } from './look.ts';
import type { ClaimedJob } from './turn.ts';

const CLAIM = { workerId: 'w1', leaseSeconds: 30, graceAfterStartSeconds: 0 } as const;

const KEY_OF_JOB = {
  name: 'key_of_job_of_test',
  text: `select config->>'key' as key from orca.jobs where id = $1`,
  writes: false,
} as const;

/** All that an enqueue stores, but numbers and times. */
const STORED = {
  name: 'stored_of_test',
  text: `select j.config->>'key' as key, encode(j.identity, 'hex') as identity, j.client, j.response_url, j.state::text,
    encode(j.submitter, 'hex') as submitter, encode(j.content, 'hex') as content, j.config, j.image_sha, j.is_immediate,
    j.is_named, j.labels, j.generation, r.release_at - j.arrived_at as delay, r.job_id is not null as names,
    (select json_agg(json_build_array(e.generation, e.client, e.kind, e.state, e.faults)) from orca.job_events e
      where e.job_id = j.id) as events
  from orca.jobs j left join orca.reservations r
    on r.job_id = j.id or (r.job_id is null and r.submitter = j.submitter)
  order by 1`,
  writes: false,
} as const;

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

test('enqueueJob() of fifty identical jobs at once makes one, of generation 1', async () => {
  await using database = await cloneDatabase();
  const answers = await Promise.all(Array.from({ length: 50 }, () => enqueueJob(database.db, makeJob())));
  const jobs = answers.map(queued);
  assert.equal(new Set(jobs.map(({ jobId }) => jobId)).size, 1);
  assert.equal(jobs.filter(({ change }) => change === 'new').length, 1);
  assert.equal(await countJobs(database.db), 1);
  assert.equal(claimed(await claimJob(database.db, CLAIM)).generation, 1);
});

test('enqueueJob() of fifty different contents for one key at once keeps one job, and the last one wins', async () => {
  await using database = await cloneDatabase();
  const contents = Array.from({ length: 50 }, (_, index) => `content ${index}`);
  const answers = await Promise.all(contents.map((content) => enqueueJob(database.db, makeJob({ content }))));
  assert.equal(new Set(answers.map((answer) => queued(answer).jobId)).size, 1);
  assert.equal(await countJobs(database.db), 1);
  const job = claimed(await claimJob(database.db, CLAIM));
  assert.equal(job.generation, 50);
  assert.ok(contents.includes(job.config.metadata_table['content'] ?? ''));
});

test('enqueueJob() of many different jobs at once gives each its own, whatever the others are', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const job = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
    user: fc.constantFrom('ada', 'bob'),
    content: fc.constantFrom('first', 'second'),
    delaySeconds: fc.constantFrom(0, 1_000),
    immediate: fc.boolean(),
    isKnown: fc.boolean(),
  });
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(job, { maxLength: 60, size: 'max' }), async (jobs) => {
      round += 1;
      const prefix = `round ${round} `;
      const answers = await Promise.all(
        jobs.map(({ key, isKnown, ...rest }) =>
          enqueueJob(
            db,
            makeJob({ key: prefix + key, ...rest, ...(isKnown ? {} : { imageSha: 'c'.repeat(64) }) }),
          ),
        ),
      );
      const idsOf = new Map<string, Set<number>>();
      const news = new Map<string, number>();
      for (const [index, { key, isKnown }] of jobs.entries()) {
        const answer = answers[index];
        assert.equal(answer?.kind, isKnown ? 'queued' : 'unknown_image');
        if (answer?.kind !== 'queued') continue;
        idsOf.set(key, (idsOf.get(key) ?? new Set()).add(answer.jobId));
        news.set(key, (news.get(key) ?? 0) + (answer.change === 'new' ? 1 : 0));
      }
      for (const [key, ids] of idsOf) {
        assert.deepEqual([ids.size, news.get(key)], [1, 1], key);
        assert.deepEqual(await db.query(KEY_OF_JOB, [...ids]), [{ key: prefix + key }]);
      }
      assert.deepEqual(await listViolations(db), []);
    }),
    { numRuns: 25 },
  );
});

test('enqueueJob() stores of many that come at once what it stores of one after the other', async () => {
  await using together = await cloneDatabase();
  await using alone = await cloneDatabase();
  const jobs = Array.from({ length: 30 }, (_, number) =>
    makeJob({
      key: `job ${number}`,
      client: `host-${number % 5}.example.edu`,
      user: `user ${number}`,
      content: `content ${number}`,
      delaySeconds: number % 3 === 0 ? 0 : number,
      immediate: number % 4 === 0,
    }),
  );
  const answers = await Promise.all(jobs.map((job) => enqueueJob(together.db, job)));
  for (const job of jobs) await enqueueJob(alone.db, job);
  const stored = await together.db.query(STORED);
  assert.equal(stored.length, jobs.length);
  assert.deepEqual(stored, await alone.db.query(STORED));
  for (const [number, answer] of answers.entries())
    assert.deepEqual(await together.db.query(KEY_OF_JOB, [queued(answer).jobId]), [{ key: `job ${number}` }]);
});

test('enqueueJob() that PostgreSQL refuses does not hinder those that come at the same moment', async () => {
  await using database = await cloneDatabase();
  const keys = Array.from({ length: 20 }, (_, index) => `job ${index}`);
  const wrong = { ...makeJob({ key: 'wrong' }), client: 'a\0b' };
  const answers = await Promise.allSettled([
    ...keys.slice(0, 10).map((key) => enqueueJob(database.db, makeJob({ key }))),
    enqueueJob(database.db, wrong),
    ...keys.slice(10).map((key) => enqueueJob(database.db, makeJob({ key }))),
  ]);
  assert.deepEqual(
    answers.flatMap(({ status }, index) => (status === 'rejected' ? [index] : [])),
    [10],
  );
  assert.equal(await countJobs(database.db), keys.length);
});

test('enqueueJob() and claimJob() of one submitter at the same time neither block nor lose a job', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const keys = Array.from({ length: 60 }, (_, index) => `job ${index}`);
  await Promise.all(keys.map((key) => enqueueJob(db, makeJob({ key }))));
  const seen: string[] = [];
  const claimAll = async () => {
    for (let job = await claimJob(db, CLAIM); job !== null; job = await claimJob(db, CLAIM))
      seen.push(job.key);
  };
  const makeImmediate = keys.map((key) => enqueueJob(db, makeJob({ key, immediate: true })));
  await Promise.all([claimAll(), claimAll(), claimAll(), ...makeImmediate]);
  await claimAll();
  assert.deepEqual(seen.sort(), keys.sort());
});
