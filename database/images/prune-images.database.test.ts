import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { connectDatabase } from '../connect.ts';
import { enqueueJob } from '../queue/enqueue.ts';
import { claimJob } from '../queue/claim.ts';
import { finishJob } from '../queue/finish.ts';
import { sqlFile } from '../sql-blocks.ts';
import { explain } from '../testing/explain.ts';
import { cloneDatabase, makeJob, makeReadyImage, passTime, SAVED_IMAGE } from '../testing/index.ts';
import { findImage, listBuilds } from './browse-images.ts';
import { claimBuild } from './claim-build.ts';
import {
  forgetPrunedArchives,
  listArchives,
  markArchiveLost,
  pruneBuilds,
  pruneImages,
} from './prune-images.ts';
import { requestImage } from './request-image.ts';
import { findUsableImage, listImageUses, listNeededImages, noteImageUse } from './use-images.ts';

const DEADLOCKS = {
  name: 'deadlocks_of_test',
  text: `select deadlocks::integer, (select count(*)::integer from pg_stat_activity
      where application_name = 'orca-put' and datname = current_database()) as sessions
    from pg_stat_database where datname = current_database()`,
  writes: false,
} as const;

const useImages = sqlFile(import.meta.url, 'use-images.sql');
/** What all finished jobs of a test have alike. */
const COPIED = `client, response_url, submitter, state, content, config, image_sha, is_immediate, is_named, labels,
  outcome, finished_at, claimed_at`;
const DAY = 86_400;
const KEEP = { keepSeconds: 30 * DAY, archiveBytesMax: 1e12 };

const archive = (byte: number) => ({ ...SAVED_IMAGE, archiveSha256: Buffer.alloc(32, byte) });

test('pruneImages() prunes what was not used for long, but nothing that a job needs', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  const needed = await makeReadyImage(db, 'needed', archive(1));
  const unused = await makeReadyImage(db, 'unused', archive(2));
  const used = await makeReadyImage(db, 'used', archive(3));
  const put = await enqueueJob(db, makeJob({ imageSha: needed, delaySeconds: 600_000 }));
  assert.equal(put.kind, 'queued');
  await passTime(url, 29 * DAY);
  await noteImageUse(db, used);
  assert.deepEqual(await pruneImages(db, KEEP), []);
  await passTime(url, 2 * DAY);
  assert.deepEqual(
    await pruneImages(db, KEEP),
    [unused],
    'the base image, without archive, is not meant either',
  );
  assert.deepEqual(await findUsableImage(db, unused), { kind: 'not_built', state: 'pruned' });
  assert.equal((await findUsableImage(db, needed)).kind, 'ready');
  const [use] = await listImageUses(db, [used]);
  assert.ok(use !== undefined && Date.now() - use.lastUsedAt.getTime() > 1.9 * DAY * 1000);
});

test('pruneImages() prunes what was used longest ago where all archives are too large, but nothing fresh', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  const old = await makeReadyImage(db, 'old', archive(1));
  await passTime(url, DAY);
  const newer = await makeReadyImage(db, 'newer', archive(2));
  const room = { ...KEEP, archiveBytesMax: SAVED_IMAGE.archiveBytes };
  assert.deepEqual(await pruneImages(db, { ...room, archiveBytesMax: 2 * SAVED_IMAGE.archiveBytes }), []);
  assert.deepEqual(await pruneImages(db, room), [old]);
  assert.deepEqual(await pruneImages(db, { ...room, archiveBytesMax: 1 }), [], `${newer} is minutes old`);
});

test('an image that is built again after a long time is as fresh as a new one', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  const sha = await makeReadyImage(db, 'spring', archive(1));
  await noteImageUse(db, sha);
  await passTime(url, 200 * DAY);
  assert.deepEqual(await pruneImages(db, KEEP), [sha]);
  await passTime(url, DAY);
  await forgetPrunedArchives(db);
  await requestImage(db, { sha, dockerfile: 'spring', recipient: null, askedBy: 'key 1' });
  const usedAt = async () => (await listImageUses(db, [sha]))[0]?.lastUsedAt.getTime() ?? 0;
  assert.ok(
    (await usedAt()) > Date.now() - DAY * 1_000,
    'from its request on, so that it is not swept while it is made',
  );
  await makeReadyImage(db, 'spring', archive(2));
  assert.deepEqual(await pruneImages(db, KEEP), []);
  assert.deepEqual(await pruneImages(db, { ...KEEP, archiveBytesMax: 1 }), []);
});

test('listNeededImages() reads no finished jobs, however many there are', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const shas = [];
  for (const name of ['held', 'waiting', 'named', 'grading', 'finished', 'none'])
    shas.push(await makeReadyImage(db, name, archive(shas.length)));
  const [held = '', waiting = '', named = '', grading = '', finished = ''] = shas;
  const put = (key: string, imageSha: string, immediate = false) =>
    enqueueJob(db, makeJob({ key, user: key, imageSha, immediate }));
  await put('finished', finished);
  const run = await claimJob(db, { workerId: 'w', leaseSeconds: 60 });
  assert.ok(run !== null);
  await finishJob(db, { ...run, outcome: 'graded', gradingId: 'msg_1', body: '{}' });
  await put('grading', grading);
  assert.ok((await claimJob(db, { workerId: 'w', leaseSeconds: 60 })) !== null);
  await markArchiveLost(db, { sha: held, archiveSha256: Buffer.alloc(32, 0) });
  await put('held', held);
  await put('waiting', waiting);
  await put('named', named, true);
  assert.deepEqual(await listNeededImages(db, shas), new Set([held, waiting, named, grading]));
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`insert into orca.jobs (${COPIED}, identity) select ${COPIED}, sha256(number::text::bytea)
    from orca.jobs, generate_series(1, 20000) as number where state = 'finished'`);
  await client.query('vacuum analyze orca.jobs, orca.reservations');
  for (const plan of ['generic', 'custom'] as const) {
    const { pages, scanned } = await explain(client, useImages('list_needed_images'), [shas], plan);
    assert.ok(!scanned.includes('jobs') && pages < 100, `${plan} plan: ${pages} pages, scans ${scanned}`);
  }
  await client.end();
});

test('forgetPrunedArchives() gives up archives after a minute, but puts an image in line that a job needs by then', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  const gone = await makeReadyImage(db, 'gone', archive(1));
  const wanted = await makeReadyImage(db, 'wanted', archive(2));
  await passTime(url, 31 * DAY);
  assert.equal((await pruneImages(db, KEEP)).length, 2);
  assert.deepEqual(await forgetPrunedArchives(db), { requeued: [], forgotten: [] }, 'too early');
  // A PUT that saw the image as ready is stored only now: its job waits, and is not held.
  const put = await enqueueJob(db, makeJob());
  assert.ok(put.kind === 'queued');
  const text = 'update orca.jobs set image_sha = $1 where id = $2';
  await db.query({ name: 'late_put', text, writes: true }, [wanted, put.jobId]);
  await passTime(url, 61);
  assert.deepEqual(await forgetPrunedArchives(db), { requeued: [wanted], forgotten: [gone] });
  assert.deepEqual([...(await listArchives(db))], ['02'.repeat(32)]);
  const build = await claimBuild(db, { builderId: 'b', leaseSeconds: 60 });
  assert.equal(build?.sha, wanted);
  assert.deepEqual(build?.saved, archive(2), 'its archive is found again');
  assert.equal((await findImage(db, gone))?.dockerfile, 'gone', 'the Dockerfile is kept for good');
});

test('a pruned image comes back when a job names it, or when it is asked for again', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const sha = await makeReadyImage(db, 'lost', archive(1));
  assert.equal(await markArchiveLost(db, { sha, archiveSha256: Buffer.alloc(32, 9) }), false, 'another one');
  assert.equal(await markArchiveLost(db, { sha, archiveSha256: Buffer.alloc(32, 1) }), true);
  const put = await enqueueJob(db, makeJob({ imageSha: sha }));
  assert.partialDeepStrictEqual(put, { kind: 'queued', location: 'HoldingPen' });
  assert.deepEqual(await findUsableImage(db, sha), { kind: 'not_built', state: 'queued' });
  const request = { sha, dockerfile: 'lost', recipient: null, askedBy: 'key 1' };
  assert.equal(await requestImage(db, request), 'queued');
});

test('enqueueJob() of many jobs at once for a pruned image keeps none of them waiting for another', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const sha = await makeReadyImage(db, 'lost', archive(1));
  assert.equal(await markArchiveLost(db, { sha, archiveSha256: Buffer.alloc(32, 1) }), true);
  {
    await using server = await connectDatabase({ url: database.url, applicationName: 'orca-put' });
    const keys = Array.from({ length: 60 }, (_, index) => `job ${index}`);
    const puts = await Promise.all(keys.map((key) => enqueueJob(server, makeJob({ key, imageSha: sha }))));
    for (const put of puts) assert.partialDeepStrictEqual(put, { kind: 'queued', location: 'HoldingPen' });
  }
  // What a session has met is counted when it has ended.
  for (;;) {
    const [seen] = await db.query<{ sessions: number; deadlocks: number }>(DEADLOCKS);
    if (seen?.sessions === 0) return assert.equal(seen.deadlocks, 0);
  }
});

test('pruneBuilds() forgets old builds, but not the last of an image', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  const sha = await makeReadyImage(db, 'twice', archive(1));
  await markArchiveLost(db, { sha, archiveSha256: Buffer.alloc(32, 1) });
  await makeReadyImage(db, 'twice', archive(2));
  await passTime(url, 40 * DAY);
  assert.equal(await pruneBuilds(db, 41 * DAY), 0);
  assert.equal(await pruneBuilds(db, 30 * DAY), 1);
  assert.deepEqual(
    (await listBuilds(db, sha, 10)).map(({ number }) => number),
    [2],
  );
});
