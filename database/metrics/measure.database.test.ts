import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markArchiveLost } from '../images/prune-images.ts';
import { claimJob } from '../queue/claim.ts';
import { enqueueJob } from '../queue/enqueue.ts';
import { finishJob } from '../queue/finish.ts';
import { holdJob, returnJob } from '../queue/lease.ts';
import { ask } from '../testing/build-image.ts';
import { cloneDatabase, makeJob, makeReadyImage, passTime, SAVED_IMAGE } from '../testing/index.ts';
import { beatWorker, registerWorker } from '../workers/workers.ts';
import {
  countImages,
  measureDeliveries,
  measureImageWait,
  measureQueue,
  measureWorkers,
  wantedSlots,
} from './measure.ts';

function assertAbout(seconds: number, expected: number): void {
  assert.ok(seconds >= expected && seconds < expected + 50, `${seconds}`);
}

const CLAIM = { workerId: 'w1', leaseSeconds: 3_600, graceAfterStartSeconds: 0 } as const;

test('measureQueue() counts jobs by where they are, and how long the first in line waits', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const none = { held: 0, released: 0, delayed: 0, backingOff: 0, grading: 0, oldestReleasedSeconds: 0 };
  assert.deepEqual(await measureQueue(db), none);
  for (const key of ['a', 'b', 'c', 'd']) await enqueueJob(db, makeJob({ key, user: key }));
  await enqueueJob(db, makeJob({ key: 'later', user: 'e', delaySeconds: 5_000 }));
  const first = await claimJob(db, CLAIM);
  if (first === null) throw new Error('nothing was due');
  await returnJob(db, { ...first, reason: 'fault', cause: 'a test' });
  await claimJob(db, CLAIM);
  await passTime(database.url, 50);
  const { oldestReleasedSeconds, ...counts } = await measureQueue(db);
  assert.deepEqual(counts, { held: 0, released: 2, delayed: 1, backingOff: 1, grading: 1 });
  assert.ok(oldestReleasedSeconds >= 50 && oldestReleasedSeconds < 100, `${oldestReleasedSeconds}`);
});

test('measureImageWait() tells how long a job has waited for nothing but its image', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const seconds = () => measureImageWait(db);
  assert.equal(await seconds(), 0);
  const first = await ask(db, 'FROM orca-grader-base\n#1\n', null);
  const second = await ask(db, 'FROM orca-grader-base\n#2\n', null);
  await passTime(database.url, 5_000);
  assert.equal(await seconds(), 0, 'no job waits for them');
  const hold = (key: string, imageSha: string, delaySeconds = 0) =>
    enqueueJob(db, makeJob({ key, user: key, imageSha, delaySeconds }));
  await hold('delayed', first.sha, 5_000);
  assert.equal(await seconds(), 0, 'it has not been released');
  for (const key of ['a', 'b', 'c']) await hold(key, first.sha);
  await hold('d', second.sha);
  await passTime(database.url, 50);
  assertAbout(await seconds(), 50);
  await passTime(database.url, 2_000);
  assertAbout(await seconds(), 2_050);
});

test('measureImageWait() does not count the line that a job has been through before its image was gone', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const sha = await makeReadyImage(db, 'FROM orca-grader-base\n#3\n');
  await enqueueJob(db, makeJob({ imageSha: sha }));
  await passTime(database.url, 5_000);
  const job = await claimJob(db, CLAIM);
  if (job === null) throw new Error('nothing was due');
  assert.ok(await markArchiveLost(db, { sha, archiveSha256: SAVED_IMAGE.archiveSha256 }));
  assert.equal(await holdJob(db, job), 'held');
  await passTime(database.url, 50);
  assertAbout(await measureImageWait(db), 50);
});

test('measureDeliveries() counts what is owed, and for how long', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  assert.deepEqual(await measureDeliveries(db), { pending: 0, oldestSeconds: 0 });
  await enqueueJob(db, makeJob({}));
  await claimJob(db, CLAIM);
  await passTime(database.url, 50);
  const { pending, oldestSeconds } = await measureDeliveries(db);
  assert.equal(pending, 1);
  assert.ok(oldestSeconds >= 50);
});

test('measureWorkers() counts those alive, those that cannot work, and how long jobs took', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  assert.deepEqual(await measureWorkers(db), { alive: 0, troubled: 0, slots: 0, meanJobSeconds: null });
  const worker = { hostname: 'h', tokenHash: Buffer.alloc(32), version: '1', engineId: 'e' };
  await registerWorker(db, { ...worker, workerId: 'dead', slots: 100 });
  await passTime(database.url, 100);
  await registerWorker(db, { ...worker, workerId: 'able', slots: 2 });
  await registerWorker(db, { ...worker, workerId: 'full', slots: 8 });
  await beatWorker(db, 'full', { troubles: ['the disk is full'] });
  await enqueueJob(db, makeJob({}));
  const run = await claimJob(db, CLAIM);
  if (run === null) throw new Error('nothing was due');
  await passTime(database.url, 30);
  await finishJob(db, { ...run, outcome: 'graded', gradingId: 'msg_1', body: '{}' });
  const { meanJobSeconds, ...counts } = await measureWorkers(db);
  assert.deepEqual(counts, { alive: 2, troubled: 1, slots: 2 });
  assert.ok(meanJobSeconds !== null && meanJobSeconds >= 30 && meanJobSeconds < 60, `${meanJobSeconds}`);
});

test('countImages() counts by state', async () => {
  await using database = await cloneDatabase();
  assert.deepEqual(await countImages(database.db), [{ state: 'ready', images: 1 }]);
});

test('wantedSlots() empties the line in time, keeps what runs, and wants nothing of an empty queue', () => {
  assert.equal(wantedSlots({ released: 0, grading: 0 }, 10, 60), 0);
  assert.equal(wantedSlots({ released: 0, grading: 3 }, 10, 60), 3);
  assert.equal(wantedSlots({ released: 1, grading: 0 }, null, 60), 1);
  assert.equal(wantedSlots({ released: 600, grading: 2 }, 10, 60), 100);
  assert.equal(wantedSlots({ released: 1, grading: 5 }, 10, 60), 5);
});
