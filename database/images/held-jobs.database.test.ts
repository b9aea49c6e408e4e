import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { Database } from '../connect.ts';
import { claimJob } from '../queue/claim.ts';
import { enqueueJob } from '../queue/enqueue.ts';
import { holdJob } from '../queue/lease.ts';
import { jobState } from '../queue/look.ts';
import { cloneDatabase, makeJob, makeReadyImage, passTime, SAVED_IMAGE } from '../testing/index.ts';
import { imageProgress } from './browse-images.ts';
import { markArchiveLost } from './prune-images.ts';
import { listUnsettledImages, settleHeldJobs } from './settle-held-jobs.ts';
import { findUsableImage } from './use-images.ts';
import { ask, claim, end, FAILED, owed, READY } from '../testing/build-image.ts';

async function claimOneJob(db: Database) {
  return claimJob(db, { workerId: 'worker 1', leaseSeconds: 60 });
}

test('a build that succeeds puts its held jobs in the queue, in the order of their arrival, and tells their clients', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const { sha } = await ask(db, 'FROM orca-grader-base\n#1\n', null);
  const ids: number[] = [];
  for (let index = 0; index < 120; index += 1) {
    const put = await enqueueJob(db, makeJob({ imageSha: sha, key: `k${index}`, user: `u${index}` }));
    assert.ok(put.kind === 'queued');
    ids.push(put.jobId);
  }
  const immediate = await enqueueJob(db, makeJob({ imageSha: sha, key: 'now', user: 'u1', immediate: true }));
  assert.ok(immediate.kind === 'queued');
  assert.equal(await claimOneJob(db), null);
  const build = await claim(db);
  await end(db, build, READY);
  assert.deepEqual(await listUnsettledImages(db), [sha]);
  assert.deepEqual(await settleHeldJobs(db, sha), { released: 121, failed: 0 });
  assert.deepEqual(await settleHeldJobs(db, sha), { released: 0, failed: 0 });
  assert.deepEqual(await listUnsettledImages(db), []);
  const claimed = [await claimOneJob(db), await claimOneJob(db)];
  assert.deepEqual(
    claimed.map((job) => job?.jobId),
    ids.slice(0, 2),
  );
  const told = await owed(db);
  assert.equal(told.filter(({ body }) => body.includes('"location":"Queue"')).length > 0, true);
});

test('a build that fails ends its held jobs with ImageBuildFailed and its reason, and a new POST builds again', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const { sha } = await ask(db, 'FROM orca-grader-base\nRUN false\n');
  const put = await enqueueJob(db, makeJob({ imageSha: sha, key: 'the key' }));
  assert.ok(put.kind === 'queued');
  const build = await claim(db);
  assert.equal(build.hasFailed, false);
  await end(db, build, FAILED, '{"was_successful":false,"logs":[]}');
  assert.deepEqual(await settleHeldJobs(db, sha), { released: 0, failed: 1 });
  assert.deepEqual(await jobState(db, put.jobId), { kind: 'finished', outcome: 'failed' });
  assert.deepEqual(await imageProgress(db, sha), { kind: 'failed', reason: 'Step 2 failed' });
  const told = await owed(db);
  const result = told.find(({ kind }) => kind === 'result');
  assert.ok(result !== undefined);
  const body = JSON.parse(result.body);
  assert.equal(body.key, 'the key');
  assert.deepEqual(body.error_codes, ['ImageBuildFailed']);
  assert.match(body.errors[0], /^ImageBuildFailed: .*Step 2 failed/);
  assert.equal(body.grading_id, result.webhookId);
  assert.deepEqual(
    told.map(({ kind }) => kind).sort(),
    ['image', 'result'],
    'one result, and one outcome of the build',
  );
  assert.deepEqual(await enqueueJob(db, makeJob({ imageSha: sha })), { kind: 'unknown_image' });

  assert.equal((await ask(db, 'FROM orca-grader-base\nRUN false\n')).answer, 'queued');
  assert.equal((await claim(db)).hasFailed, true);
});

test('holdJob() puts a run whose image was pruned back into the pen, and asks for the image', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  const sha = await makeReadyImage(db, 'FROM orca-grader-base\n#5\n');
  const other = await enqueueJob(db, makeJob({ key: 'other', user: 'other' }));
  const put = await enqueueJob(db, makeJob({ imageSha: sha }));
  assert.ok(put.kind === 'queued' && other.kind === 'queued');
  await passTime(url, 5);
  assert.equal((await claimOneJob(db))?.jobId, other.jobId);
  const run = await claimOneJob(db);
  assert.equal(run?.jobId, put.jobId);
  assert.ok(run !== null);
  assert.equal(await holdJob(db, run), 'returned', 'the image is ready');
  const again = await claimOneJob(db);
  assert.ok(again !== null);
  assert.equal(await markArchiveLost(db, { sha, archiveSha256: SAVED_IMAGE.archiveSha256 }), true);
  assert.equal(await holdJob(db, run), 'fenced', 'an older run');
  assert.equal(await holdJob(db, again), 'held');
  assert.deepEqual(await jobState(db, put.jobId), { kind: 'held' });
  assert.deepEqual(await findUsableImage(db, sha), { kind: 'not_built', state: 'queued' });
  const build = await claim(db);
  assert.equal(build.saved, null, 'the archive is lost');
  await end(db, build, READY);
  assert.deepEqual(await settleHeldJobs(db, sha), { released: 1, failed: 0 });
  assert.equal((await claimOneJob(db))?.attempt, 1, 'it did not count as an attempt');
});

test('builds, PUTs and requests at the same moment leave no job held for an image that is built', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const dockerfile = 'FROM orca-grader-base\n#6\n';
  const { sha } = await ask(db, dockerfile);
  const build = await claim(db);
  const puts = Array.from({ length: 40 }, (_, index) =>
    enqueueJob(db, makeJob({ imageSha: sha, key: randomBytes(4).toString('hex'), user: `u${index % 5}` })),
  );
  const requests = Array.from({ length: 5 }, () => ask(db, dockerfile));
  const ending = end(db, build, READY).then(() => settleHeldJobs(db, sha));
  await Promise.all([...puts, ...requests, ending]);
  assert.deepEqual(await listUnsettledImages(db), []);
  for (let index = 0; index < 40; index += 1) assert.ok((await claimOneJob(db)) !== null);
  assert.equal(await claimOneJob(db), null);
});
