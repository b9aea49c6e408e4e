import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloneDatabase } from '../testing/index.ts';
import { findImage, recordImage } from './images.ts';

test('recordImage() makes an image known, and known anew', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const sha = 'a'.repeat(64);
  assert.equal(await findImage(db, sha), null);
  const dockerfile = 'FROM orca-grader-base\nRUN true\n';
  await recordImage(db, { sha, dockerfile, state: 'ready' });
  const archiveSha256 = Buffer.alloc(32, 7);
  await recordImage(db, {
    sha,
    dockerfile,
    state: 'ready',
    imageId: 'sha256:1',
    archiveBytes: 5e9,
    archiveSha256,
  });
  assert.partialDeepStrictEqual(await findImage(db, sha), {
    ...{ sha, dockerfile, state: 'ready', imageId: 'sha256:1', archiveBytes: 5e9, archiveSha256 },
  });
});
