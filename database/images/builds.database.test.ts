import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { Database } from '../connect.ts';
import { claimDelivery } from '../deliveries/deliveries.ts';
import { claimJob } from '../queue/claim.ts';
import { enqueueJob } from '../queue/enqueue.ts';
import { holdJob } from '../queue/lease.ts';
import { jobState } from '../queue/look.ts';
import { cloneDatabase, makeJob, makeReadyImage, passTime, SAVED_IMAGE } from '../testing/index.ts';
import { findImage, imageProgress, listBuilds, listImages } from './browse-images.ts';
import { appendBuildLog, BUILD_LOG_BYTES_MAX, readBuildLog } from './build-log.ts';
import { type ClaimedBuild, claimBuild, nextBuildMs, renewBuild } from './claim-build.ts';
import { type BuildEnd, endBuild, returnBuild } from './end-build.ts';
import { markArchiveLost } from './prune-images.ts';
import { requestImage } from './request-image.ts';
import { listUnsettledImages, settleHeldJobs } from './settle-held-jobs.ts';
import { findUsableImage } from './use-images.ts';

/** The tests' server has just started. */
const CLAIM = { leaseSeconds: 60, graceAfterStartSeconds: 0 };
const BUILDER = { builderId: 'builder 1', ...CLAIM };
const OTHER = { builderId: 'builder 2', ...CLAIM };
const TIMINGS = { buildMs: 10.4, checkMs: null, saveMs: null };
const READY: BuildEnd = { kind: 'ready', image: SAVED_IMAGE };
const FAILED: BuildEnd = { kind: 'failed', reason: 'Step 2 failed', imageBytes: null };

/** Asks for an image as a client does; returns its sha and what was answered. */
async function ask(db: Database, dockerfile: string, client: string | null = 'course.example.edu') {
  const sha = createHash('sha256').update(dockerfile).digest('hex');
  const recipient = client === null ? null : { client, responseUrl: `https://${client}/images/1` };
  const answer = await requestImage(db, { sha, dockerfile, recipient, askedBy: client ?? 'key 1' });
  return { sha, answer };
}

async function claim(db: Database, as = BUILDER): Promise<ClaimedBuild> {
  const build = await claimBuild(db, as);
  assert.ok(build !== null);
  return build;
}

const end = (db: Database, build: ClaimedBuild, how: BuildEnd, body = '{"was_successful":true}') =>
  endBuild(db, build, { end: how, timings: TIMINGS, body });

/** All deliveries that are owed now, in their order. */
async function owed(db: Database) {
  const found = [];
  for (;;) {
    const delivery = await claimDelivery(db, { serverId: 'a test', leaseSeconds: 60 });
    if (delivery === null) return found;
    found.push(delivery);
  }
}

async function claimOneJob(db: Database) {
  return claimJob(db, { workerId: 'worker 1', leaseSeconds: 60 });
}

test('two clients that ask for the same image get one build, and both are told', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const { sha, answer } = await ask(db, 'FROM orca-grader-base\nRUN true\n', 'a.example.edu');
  assert.equal(answer, 'queued');
  const build = await claim(db);
  assert.equal((await ask(db, 'FROM orca-grader-base\nRUN true\n', 'b.example.edu')).answer, 'building');
  assert.equal(await claimBuild(db, OTHER), null, 'one build of an image at a time');
  assert.equal(await end(db, build, READY, '{"was_successful":true,"logs":[]}'), true);
  const told = await owed(db);
  assert.deepEqual(told.map(({ client }) => client).sort(), ['a.example.edu', 'b.example.edu']);
  for (const { kind, body, url } of told) {
    assert.equal(kind, 'image');
    assert.equal(body, '{"was_successful":true,"logs":[]}');
    assert.match(url, /example\.edu\/images\/1$/);
  }
  assert.equal((await ask(db, 'FROM orca-grader-base\nRUN true\n', 'a.example.edu')).answer, 'ready');
  assert.equal(await end(db, build, FAILED), false, 'the lease is over');
  assert.deepEqual(await owed(db), [], 'nobody is told twice, or that it was there already');
  assert.partialDeepStrictEqual(await findImage(db, sha), { state: 'ready', builds: 1, ...SAVED_IMAGE });
  assert.partialDeepStrictEqual((await listImages(db, { limit: 10, offset: 0 })).images[0], {
    ...{ sha, state: 'ready', askedBy: ['a.example.edu', 'b.example.edu'], heldJobs: 0 },
  });
});

test('claimBuild() takes what jobs wait for first, then what was asked for first', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const [first, second, third] = [await ask(db, 'one'), await ask(db, 'two'), await ask(db, 'three')];
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  assert.deepEqual(await imageProgress(db, third.sha), { kind: 'queued', ahead: 2 });
  const put = await enqueueJob(db, makeJob({ imageSha: third.sha }));
  assert.partialDeepStrictEqual(put, { kind: 'queued', location: 'HoldingPen' });
  const order = [await claim(db), await claim(db, OTHER), await claim(db)].map(({ sha }) => sha);
  assert.deepEqual(order, [third.sha, first.sha, second.sha]);
});

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

test('a build whose builder died is begun anew by another, and the first changes nothing any more', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  const { sha } = await ask(db, 'FROM orca-grader-base\n#2\n');
  const lost = await claim(db);
  await passTime(url, 61);
  assert.equal(
    await claimBuild(db, { ...OTHER, graceAfterStartSeconds: 86_400 }),
    null,
    'while PostgreSQL was away its builder could not renew the lease',
  );
  const again = await claim(db, OTHER);
  assert.partialDeepStrictEqual(again, { sha, number: 2, faults: 1, saved: null, hasFailed: false });
  assert.equal(await renewBuild(db, { ...lost, leaseSeconds: 60 }), false);
  assert.equal(await end(db, lost, READY), false);
  assert.equal(await appendBuildLog(db, lost, { step: 'x', pieces: [] }), false);
  assert.equal(await returnBuild(db, lost, { reason: 'x', isFault: true }), 'fenced');
  assert.equal(await renewBuild(db, { ...again, leaseSeconds: 60 }), true);
  assert.equal(await end(db, again, READY), true);
  const builds = await listBuilds(db, sha, 10);
  assert.deepEqual(
    builds.map(({ number, outcome, builder }) => [number, outcome, builder]),
    [
      [2, 'ready', 'builder 2'],
      [1, 'lost', 'builder 1'],
    ],
  );
  assert.equal(builds[0]?.buildMs, 10);
});

test('returnBuild() keeps the place, waits after a fault, and says when there were too many', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  await ask(db, 'FROM orca-grader-base\n#3\n');
  const stopped = await claim(db);
  assert.equal(await returnBuild(db, stopped, { reason: 'told to stop', isFault: false }), 'returned');
  assert.equal(await nextBuildMs(db), 0);
  const first = await claim(db);
  assert.equal(await returnBuild(db, first, { reason: 'no engine', isFault: true }), 'returned');
  assert.equal(await claimBuild(db, OTHER), null, 'not before the back-off has ended');
  const waitMs = await nextBuildMs(db);
  assert.ok(waitMs !== null && waitMs > 0);
  await passTime(url, 10);
  assert.equal(await returnBuild(db, await claim(db), { reason: 'no engine', isFault: true }), 'returned');
  await passTime(url, 60);
  const third = await claim(db);
  assert.equal(third.faults, 2);
  assert.equal(await returnBuild(db, third, { reason: 'no engine', isFault: true }), 'exhausted');
  assert.equal(await end(db, third, FAILED), true);
  assert.equal(await nextBuildMs(db), null);
});

test('appendBuildLog() keeps the last MiB of a log, and readBuildLog() goes on where it was left', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const { sha } = await ask(db, 'FROM orca-grader-base\n#4\n');
  const build = await claim(db);
  const step = 'Step 1/2 : RUN yes';
  assert.equal(await appendBuildLog(db, build, { step, pieces: [{ step, output: 'a\0b' }] }), true);
  const [first] = await readBuildLog(db, { buildId: build.buildId, after: 0 });
  assert.equal(first?.output, 'a\ufffdb');
  assert.partialDeepStrictEqual(await imageProgress(db, sha), { kind: 'building', step });
  const output = 'x'.repeat(BUILD_LOG_BYTES_MAX / 4);
  for (let index = 0; index < 5; index += 1) {
    await appendBuildLog(db, build, { step, pieces: [{ step, output: `${index}${output.slice(1)}` }] });
  }
  const kept = await readBuildLog(db, { buildId: build.buildId, after: first?.piece ?? 0 });
  assert.deepEqual(
    kept.map((piece) => piece.output.slice(0, 2)),
    ['1x', '2x', '3x', '4x'],
  );
  const last = kept.at(-1)?.piece ?? 0;
  assert.deepEqual(await readBuildLog(db, { buildId: build.buildId, after: last }), []);
  assert.equal((await listBuilds(db, sha, 1))[0]?.logBytes, 3 + 5 * output.length);
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
