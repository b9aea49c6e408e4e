import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '../connect.ts';
import { cloneDatabase, makeJob, passTime } from '../testing/index.ts';
import { claimJob } from './claim.ts';
import { enqueueJob, type NewJob } from './enqueue.ts';
import { returnJob } from './lease.ts';
import type { JobFilter } from './line-up.ts';
import { listWaitingJobs, summariseQueue } from './list-jobs.ts';

const ALL: JobFilter = { clients: null };
const CLAIM = { workerId: 'w1', leaseSeconds: 30, graceAfterStartSeconds: 0 } as const;

async function put(db: Database, job: NewJob): Promise<number> {
  const answer = await enqueueJob(db, job);
  if (answer.kind !== 'queued') throw new Error('not queued');
  return answer.jobId;
}

function withMetadata(job: NewJob, metadata: Record<string, string>): NewJob {
  return { ...job, config: { ...job.config, metadata_table: metadata } };
}

async function idsOf(db: Database, filter: JobFilter, page = {}): Promise<number[]> {
  const jobs = await listWaitingJobs(db, filter, { offset: 0, limit: 50, matches: 0, ...page });
  return jobs.map(({ jobId }) => jobId);
}

test('listWaitingJobs() has the order in which jobs are graded, whichever way it looks', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const a1 = await put(db, makeJob({ key: 'a1', user: 'ada' }));
  const later = await put(db, makeJob({ key: 'later', user: 'cyd', delaySeconds: 1_000 }));
  const b1 = await put(db, makeJob({ key: 'b1', user: 'bob' }));
  const a2 = await put(db, makeJob({ key: 'a2', user: 'ada' }));
  const now = await put(db, makeJob({ key: 'now', user: 'bob', immediate: true }));
  const order = [a2, b1, a1, now, later];
  const clients = ['course.example.edu'];
  assert.deepEqual(await idsOf(db, ALL), order);
  assert.deepEqual(await idsOf(db, { clients }), order, 'through the labels');
  const many = { matches: 1_000_000 };
  assert.deepEqual(await idsOf(db, { clients }, many), order, 'through the places, with labels');
  for (const filter of [ALL, { clients }]) {
    assert.deepEqual(await idsOf(db, filter, { offset: 1, limit: 2 }), [b1, a1]);
    assert.deepEqual(await idsOf(db, filter, { ...many, offset: 3, limit: 10 }), [now, later]);
    assert.deepEqual(await idsOf(db, filter, { offset: 5 }), []);
  }
  for (const expected of order.slice(0, 4)) assert.equal((await claimJob(db, CLAIM))?.jobId, expected);
  assert.deepEqual(await idsOf(db, ALL), [later]);
});

test('listWaitingJobs() shows a job that waits out a fault at its place, with the end of the wait', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const first = await put(db, makeJob({ key: 'first', user: 'ada' }));
  const second = await put(db, makeJob({ key: 'second', user: 'bob' }));
  const run = await claimJob(db, CLAIM);
  assert.ok(run !== null);
  await returnJob(db, { ...run, reason: 'fault', cause: 'a test' });
  for (const filter of [ALL, { clients: ['course.example.edu'] }]) {
    const [job, ...others] = await listWaitingJobs(db, filter, { offset: 0, limit: 50, matches: 0 });
    assert.deepEqual(
      others.map(({ jobId }) => jobId),
      [second],
    );
    assert.partialDeepStrictEqual(job, { jobId: first, faults: 1, isReleased: false });
    assert.ok((job?.releaseAt?.getTime() ?? 0) > Date.now());
  }
});

test('listWaitingJobs() finds jobs by any metadata field, by collation and by client', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const odd = `'; drop table orca.jobs; -- "%\\ \u202e 🎓 ${'x'.repeat(900)}`;
  const one = await put(db, withMetadata(makeJob({ key: '1', user: 'ada' }), { course: 'CS 1', [odd]: odd }));
  const two = await put(db, withMetadata(makeJob({ key: '2', user: 'ada' }), { course: 'CS 2' }));
  const three = await put(
    db,
    withMetadata(makeJob({ key: '3', user: 'bob', client: 'other.example.edu' }), { course: 'CS 1' }),
  );
  const rows: [Omit<JobFilter, 'clients'> & Partial<Pick<JobFilter, 'clients'>>, number[]][] = [
    [{ metadata: { field: 'course', value: 'CS 1' } }, [one, three]],
    [{ metadata: { field: 'course', value: 'CS 2' } }, [two]],
    [{ metadata: { field: 'course', value: 'CS' } }, []],
    [{ metadata: { field: 'Course', value: 'CS 1' } }, []],
    [{ metadata: { field: odd, value: odd } }, [one]],
    [{ collation: { id: 'ada' } }, [one, two]],
    [{ collation: { type: 'team', id: 'ada' } }, []],
    [{ collation: { type: 'user', id: 'bob' }, metadata: { field: 'course', value: 'CS 1' } }, [three]],
    [{ clients: ['other.example.edu'] }, [three]],
    [{ clients: ['other.example.edu', 'course.example.edu'] }, [one, two, three]],
    [{ clients: ['other.example.edu'], metadata: { field: 'course', value: 'CS 2' } }, []],
    [{ clients: [] }, []],
  ];
  for (const [some, expected] of rows) {
    const filter = { clients: null, ...some };
    for (const matches of [0, 1_000_000]) {
      const found = await idsOf(db, filter, { matches });
      assert.deepEqual(found.toSorted(), expected, JSON.stringify({ filter, matches }));
    }
    assert.equal((await summariseQueue(db, filter)).total, expected.length);
  }
});

test('listWaitingJobs() finds a job by its new content, and keeps whose place it has', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const job = withMetadata(makeJob({ user: 'ada' }), { course: 'old' });
  const jobId = await put(db, job);
  const other = withMetadata(makeJob({ user: 'eve' }), { course: 'new' });
  assert.equal(await put(db, other), jobId);
  assert.deepEqual(await idsOf(db, { clients: null, metadata: { field: 'course', value: 'old' } }), []);
  assert.deepEqual(await idsOf(db, { clients: null, metadata: { field: 'course', value: 'new' } }), [jobId]);
  assert.deepEqual(await idsOf(db, { clients: null, collation: { id: 'ada' } }), [jobId]);
  const [listed] = await listWaitingJobs(db, ALL, { offset: 0, limit: 1, matches: 0 });
  assert.partialDeepStrictEqual(listed, { generation: 2, collation: { type: 'user', id: 'ada' } });
});

test('summariseQueue() of an empty queue is zeroes', async () => {
  await using database = await cloneDatabase();
  const none = { avg: 0, min: 0, max: 0, num: 0 };
  const empty = { total: 0, isExact: true, all: none, released: none, fields: [] };
  assert.deepEqual(await summariseQueue(database.db, ALL), empty);
  assert.deepEqual(await summariseQueue(database.db, { clients: [] }), empty);
});

test('summariseQueue() tells how long jobs have waited since they came, and since they were released', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await put(db, makeJob({ key: 'a', user: 'ada', delaySeconds: 50 }));
  await passTime(database.url, 100);
  await put(db, makeJob({ key: 'b', user: 'bob' }));
  await put(db, makeJob({ key: 'c', user: 'cyd', delaySeconds: 500 }));
  await passTime(database.url, 100);
  const { total, all, released } = await summariseQueue(db, ALL);
  assert.equal(total, 3);
  const near = (ms: number, seconds: number) => assert.ok(Math.abs(ms - seconds * 1_000) < 20_000, `${ms}`);
  assert.equal(all.num, 3);
  near(all.max, 200);
  near(all.min, 100);
  near(all.avg, 400 / 3);
  assert.equal(released.num, 2, 'c is not released yet');
  near(released.max, 150);
  near(released.min, 100);
  near(released.avg, 125);
});

test('summariseQueue() lists the metadata fields in use with their commonest values', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  for (let index = 0; index < 103; index += 1)
    await put(
      db,
      withMetadata(makeJob({ key: `k${index}`, user: `u${index}` }), {
        course: index < 2 ? 'CS 2' : 'CS 1',
        number: String(Math.max(index, 2)).padStart(3, '0'),
        ...(index === 0 ? Object.fromEntries(Array.from({ length: 60 }, (_, f) => [`field ${f}`, 'x'])) : {}),
      }),
    );
  const { fields } = await summariseQueue(db, ALL);
  assert.equal(fields.length, 50, 'the fields in most jobs');
  const values = new Map(fields);
  assert.deepEqual(values.get('course'), ['CS 1', 'CS 2']);
  assert.equal(values.get('number')?.length, 100);
  assert.equal(values.get('number')?.[0], '002', 'the commonest first');
  assert.ok(!values.get('number')?.includes('102'));
});
