import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectDatabase } from '../connect.ts';
import { claimJob } from '../queue/claim.ts';
import { enqueueJob } from '../queue/enqueue.ts';
import { finishJob } from '../queue/finish.ts';
import { countJobs } from '../queue/look.ts';
import { cloneDatabase, makeJob } from '../testing/index.ts';
import { workerConnections, workerPoolSize } from './pool-size.ts';

const SLOTS = 32;
const CLAIM = { workerId: 'w1', leaseSeconds: 30 } as const;

test('workerConnections() stays small: PostgreSQL has 100 unless it is told otherwise', () => {
  assert.deepEqual(
    [1, 2, 4, 5, 8, 32, 256].map((slots) => workerConnections(slots)),
    [5, 5, 5, 6, 6, 12, 68],
  );
});

test('workerPoolSize() is enough for jobs that all end at once', async () => {
  await using database = await cloneDatabase();
  await using db = await connectDatabase({
    ...{ url: database.url, applicationName: 'test', poolSize: workerPoolSize(SLOTS) },
  });
  for (let job = 0; job < SLOTS; job += 1)
    await enqueueJob(db, makeJob({ key: `job ${job}`, user: `student ${job}` }));
  const jobs = [];
  for (let job = await claimJob(db, CLAIM); job !== null; job = await claimJob(db, CLAIM)) jobs.push(job);
  assert.equal(jobs.length, SLOTS);
  const finished = await Promise.all(
    jobs.map(({ jobId, leaseToken }) =>
      finishJob(db, { jobId, leaseToken, outcome: 'graded', gradingId: `msg_${jobId}`, body: '{}' }),
    ),
  );
  assert.deepEqual(finished, Array(SLOTS).fill(true));
  assert.equal(await countJobs(db), 0);
});
