import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { removeImage } from '@orca/docker';
import { imageReference } from './ensure-image.ts';
import { NEVER, openTestImages, SHA } from './testing/open-test-images.ts';

const opened = await openTestImages();
after(() => opened[Symbol.asyncDispose]());
const { engine, installationId, reference, made, folder, open } = opened;

test('prefetch() fetches an image, and a job that needs it then asks nobody', async () => {
  const { images, kinds } = open({});
  assert.deepEqual(await images.prefetch(SHA, NEVER), { kind: 'present', imageId: made.id });
  assert.deepEqual(kinds(), ['download_started', 'loaded']);
  assert.deepEqual(await images.ensure(SHA, NEVER), { kind: 'present', imageId: made.id });
  assert.deepEqual(kinds(), ['download_started', 'loaded']);
  await removeImage(engine, reference);
});

test('prefetch() becomes the download of a job that needs the same image', async () => {
  const go = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const { images, kinds } = open({
    async download() {
      begun.resolve();
      await go.promise;
      return Readable.from([made.archive]);
    },
  });
  const stop = new AbortController();
  const prefetching = images.prefetch(SHA, stop.signal);
  await begun.promise;
  const ensuring = images.ensure(SHA, NEVER);
  stop.abort(new Error('the worker stops'));
  await assert.rejects(prefetching, { message: 'the worker stops' });
  go.resolve();
  assert.deepEqual(await ensuring, { kind: 'present', imageId: made.id });
  assert.deepEqual(kinds(), ['download_started', 'loaded']);
  await removeImage(engine, reference);
});

test('prefetch() stops when a job downloads another image, and does not begin while one does', async () => {
  const other = 'd'.repeat(64);
  const begun = Promise.withResolvers<void>();
  const jobBegun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const { images, kinds } = open({
    async download(sha) {
      if (sha === SHA) {
        begun.resolve();
        return new Readable({ read() {} });
      }
      jobBegun.resolve();
      await go.promise;
      return Readable.from([made.archive]);
    },
  });
  const prefetching = images.prefetch(SHA, NEVER);
  await begun.promise;
  const ensuring = images.ensure(other, NEVER);
  assert.deepEqual(await prefetching, { kind: 'gave_way' });
  await jobBegun.promise;
  assert.deepEqual(await images.prefetch(SHA, NEVER), { kind: 'gave_way' });
  go.resolve();
  assert.deepEqual(await ensuring, { kind: 'present', imageId: made.id });
  assert.deepEqual(kinds(), ['download_started', 'download_started', 'loaded']);
  assert.deepEqual(await readdir(folder), [], 'nothing is left of what was stopped');
  await removeImage(engine, imageReference(installationId, other));
});
