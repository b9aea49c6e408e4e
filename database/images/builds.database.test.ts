import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordDeliveryAttempt } from '../deliveries/deliveries.ts';
import { enqueueJob } from '../queue/enqueue.ts';
import { cloneDatabase, makeJob, passTime, SAVED_IMAGE } from '../testing/index.ts';
import { findImage, imageProgress, listBuilds, listImages } from './browse-images.ts';
import { appendBuildLog, BUILD_LOG_BYTES_MAX, readBuildLog } from './build-log.ts';
import { claimBuild, nextBuildMs, renewBuild } from './claim-build.ts';
import { returnBuild } from './end-build.ts';
import { markArchiveLost } from './prune-images.ts';
import { requestImage } from './request-image.ts';
import { ask, claim, end, FAILED, OTHER, owed, READY } from '../testing/build-image.ts';

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

test('of two builds of an image a client is told in their order, or of the last one alone', async () => {
  for (const outcome of ['retry', 'delivered'] as const) {
    await using database = await cloneDatabase();
    const { db, url } = database;
    await ask(db, 'image');
    await end(db, await claim(db), FAILED, '"first"');
    const [first] = await owed(db);
    assert.equal(first?.body, '"first"');
    assert.equal((await ask(db, 'image')).answer, 'queued');
    await end(db, await claim(db), READY, '"second"');
    assert.deepEqual(await owed(db), [], 'the first is on its way');
    const tried = { statusCode: 200, durationMs: 1, answerStart: '', error: null };
    if (first !== undefined)
      await recordDeliveryAttempt(db, { ...first, ...tried, outcome: { kind: outcome } });
    assert.deepEqual(
      (await owed(db)).map(({ body }) => body),
      ['"second"'],
    );
    await passTime(url, 61);
    assert.deepEqual(
      (await owed(db)).map(({ body }) => body),
      ['"second"'],
      'the first comes no more',
    );
  }
});

test('an outcome that waits for its next try is not sent once there is a newer one', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  await ask(db, 'image');
  await end(db, await claim(db), FAILED, '"first"');
  const [first] = await owed(db);
  const tried = { statusCode: 503, durationMs: 1, answerStart: '', error: null } as const;
  if (first !== undefined)
    await recordDeliveryAttempt(db, { ...first, ...tried, outcome: { kind: 'retry' } });
  await ask(db, 'image');
  await end(db, await claim(db), READY, '"second"');
  await passTime(url, 600);
  assert.deepEqual(
    (await owed(db)).map(({ body }) => body),
    ['"second"'],
  );
});

test('whoever asked is told how a build ended, however long a URL among theirs is', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const { sha } = await ask(db, 'image', 'b.example.edu');
  // 6,000 bytes that hardly repeat: more than a row of an index may have, compressed too.
  const letters = String.fromCodePoint(...Array.from({ length: 2000 }, (_, index) => 0x4e00 + index));
  const recipient = { client: 'a.example.edu', responseUrl: `https://a.example.edu/${letters}` };
  await requestImage(db, { sha, dockerfile: 'image', recipient, askedBy: recipient.client });
  assert.equal(await end(db, await claim(db), READY), true);
  assert.partialDeepStrictEqual(await findImage(db, sha), { state: 'ready' });
  const told = (await owed(db)).map(({ client, url }) => [client, url]).sort();
  assert.deepEqual(told, [
    ['a.example.edu', recipient.responseUrl],
    ['b.example.edu', 'https://b.example.edu/images/1'],
  ]);
});

test('claimBuild() takes what jobs wait for first, then what was asked for first', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const [first, second, third] = [await ask(db, 'one'), await ask(db, 'two'), await ask(db, 'three')];
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  assert.deepEqual(await imageProgress(db, third.sha), { kind: 'queued', ahead: 2 });
  const put = await enqueueJob(db, makeJob({ imageSha: third.sha }));
  assert.partialDeepStrictEqual(put, { kind: 'queued', location: 'HoldingPen' });
  const aheads = await Promise.all([first, second, third].map(({ sha }) => imageProgress(db, sha)));
  assert.deepEqual(
    aheads.map((progress) => (progress?.kind === 'queued' ? progress.ahead : null)),
    [1, 2, 0],
  );
  const order = [await claim(db), await claim(db, OTHER), await claim(db)].map(({ sha }) => sha);
  assert.deepEqual(order, [third.sha, first.sha, second.sha]);
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

test('claimBuild() says that the Dockerfile has failed, whatever was put back or lost since, until it is built', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  await ask(db, 'image');
  const first = await claim(db);
  assert.equal(first.hasFailed, false);
  await end(db, first, FAILED);
  await ask(db, 'image');
  const second = await claim(db);
  assert.equal(second.hasFailed, true);
  assert.equal(await returnBuild(db, second, { reason: 'told to stop', isFault: false }), 'returned');
  assert.equal((await claim(db)).hasFailed, true, 'the second was put back');
  await passTime(url, 61);
  const fourth = await claim(db);
  assert.equal(fourth.hasFailed, true, 'the third was lost');
  await end(db, fourth, READY);
  await markArchiveLost(db, { sha: fourth.sha, archiveSha256: SAVED_IMAGE.archiveSha256 });
  await ask(db, 'image');
  assert.equal((await claim(db)).hasFailed, false, 'it was built');
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
