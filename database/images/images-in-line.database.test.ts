import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enqueueJob } from '../queue/enqueue.ts';
import { cloneDatabase, makeJob, makeReadyImage, type MadeJob } from '../testing/index.ts';
import { requestImage } from './request-image.ts';
import { listImagesInLine } from './use-images.ts';

test('listImagesInLine() names each image once, in the order in which places will need it', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const [a, b, c, d, e] = [
    await makeReadyImage(db, 'FROM orca-grader-base\n#a'),
    await makeReadyImage(db, 'FROM orca-grader-base\n#b'),
    await makeReadyImage(db, 'FROM orca-grader-base\n#c'),
    await makeReadyImage(db, 'FROM orca-grader-base\n#d'),
    'e'.repeat(64),
  ];
  await requestImage(db, { sha: e, dockerfile: 'e', recipient: null, askedBy: 'a test' });
  const put = async (job: MadeJob): Promise<void> => {
    assert.equal((await enqueueJob(db, makeJob(job))).kind, 'queued');
  };
  assert.deepEqual(await listImagesInLine(db, { places: 10, seconds: 60 }), []);
  await put({ key: 'held', user: 'zoe', imageSha: e });
  await put({ key: 'first', user: 'ada', imageSha: a });
  await put({ key: 'second', user: 'bob', imageSha: b });
  // Ada's first place serves her newest job, and no place of hers its own: the one that is last is not looked at.
  await put({ key: 'newest', user: 'ada', imageSha: c });
  await put({ key: 'later', user: 'cleo', imageSha: d, delaySeconds: 3_600 });
  assert.deepEqual(await listImagesInLine(db, { places: 10, seconds: 60 }), [c, b]);
  assert.deepEqual(await listImagesInLine(db, { places: 1, seconds: 60 }), [c]);
  assert.deepEqual(await listImagesInLine(db, { places: 10, seconds: 7_200 }), [c, b, d]);
  await put({ key: 'urgent', user: 'bob', imageSha: d, immediate: true });
  assert.deepEqual(await listImagesInLine(db, { places: 10, seconds: 60 }), [c, b, d]);
});
