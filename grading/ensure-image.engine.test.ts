import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { inspectImage, removeImage, tagImage } from '@orca/docker';
import { SourceAwayError } from './image-source.ts';
import { NEVER, openTestImages, SHA } from './testing/open-test-images.ts';

const opened = await openTestImages();
after(() => opened[Symbol.asyncDispose]());
const { engine, reference, made, folder, recordOf, open, fail } = opened;

test('ensure() downloads, checks and loads an image once for all jobs that wait, and then asks nobody', async () => {
  let downloads = 0;
  const go = Promise.withResolvers<void>();
  const { images, kinds } = open({
    async download() {
      downloads += 1;
      await go.promise;
      return Readable.from([made.archive]);
    },
  });
  const impatient = new AbortController();
  const givenUp = images.ensure(SHA, impatient.signal);
  const waiting = Array.from({ length: 8 }, () => images.ensure(SHA, NEVER));
  impatient.abort(new Error('superseded'));
  await assert.rejects(givenUp, { message: 'superseded' });
  go.resolve();
  for (const ensured of await Promise.all(waiting))
    assert.deepEqual(ensured, { kind: 'present', imageId: made.id });
  assert.equal(downloads, 1);
  assert.deepEqual(kinds(), ['download_started', 'loaded']);
  assert.equal((await inspectImage(engine, reference))?.id, made.id);
  assert.deepEqual(await readdir(folder), []);

  const { images: others } = open({ download: () => assert.fail('it is there') });
  assert.deepEqual(await others.ensure(SHA, NEVER), { kind: 'present', imageId: made.id });
  const { images: quiet } = open({});
  await quiet.ensure(SHA, NEVER);
  await removeImage(engine, reference);
  assert.equal((await quiet.ensure(SHA, NEVER)).kind, 'present', 'remembered, so nobody was asked');
  quiet.forget(SHA);
  assert.deepEqual(await quiet.ensure(SHA, NEVER), { kind: 'present', imageId: made.id });
  assert.notEqual(await inspectImage(engine, reference), null, 'fetched again');
  await removeImage(engine, reference);
});

test('ensure() never takes an image by its name alone', async () => {
  await tagImage(engine, 'orca-grader-base:latest', reference);
  const { images } = open({});
  assert.deepEqual(await images.ensure(SHA, NEVER), { kind: 'present', imageId: made.id });
  assert.equal((await inspectImage(engine, reference))?.id, made.id, 'the name is put right');
  await removeImage(engine, reference);
});

test('ensure() loads nothing that is cut off, too long, changed, or another image', async () => {
  const half = made.archive.subarray(0, made.archive.length / 2);
  assert.match(
    await fail({ download: async () => Readable.from([half]) }),
    /it ended after \d+ of \d+ bytes/,
  );
  const longer = async () => Readable.from([made.archive, Buffer.from('x')]);
  assert.match(await fail({ download: longer }), /longer than it should be/);
  const flipped = async () => Readable.from([damage(made.archive)]);
  assert.match(await fail({ download: flipped }), /SHA-256 is not the one/);
  const other = recordOf(made.archive, ['sha256:other']);
  assert.match(await fail({ find: async () => other }), /another image is in it/);
  assert.equal(await inspectImage(engine, made.id), null, 'what was loaded is gone again');
  const noImage = gzipSync('no archive at all');
  const find = async () => recordOf(noImage);
  await fail({ find, download: async () => Readable.from([noImage]) });
});

/** The archive with one bit changed: as long as it should be. */
function damage(archive: Buffer): Buffer {
  const damaged = Buffer.from(archive);
  damaged.writeUInt8(damaged.readUInt8(100) ^ 1, 100);
  return damaged;
}

test('ensure() reports an archive that came damaged twice, and then waits for the image to be built again', async () => {
  const reported: unknown[] = [];
  let isBuilt = false;
  const { images, kinds } = open({
    download: async () => Readable.from([isBuilt ? made.archive : damage(made.archive)]),
    async reportDamaged(sha, archiveSha256) {
      reported.push([sha, Buffer.from(archiveSha256)]);
      return true;
    },
  });
  assert.deepEqual(await images.ensure(SHA, NEVER), { kind: 'not_built' });
  assert.deepEqual(reported, [[SHA, createHash('sha256').update(made.archive).digest()]]);
  assert.deepEqual(kinds(), ['download_started', 'failed', 'download_started', 'failed']);
  assert.deepEqual(await readdir(folder), []);
  isBuilt = true;
  assert.deepEqual(await images.ensure(SHA, NEVER), { kind: 'present', imageId: made.id });
  assert.equal(reported.length, 1);
  await removeImage(engine, reference);
});

test('ensure() says that an image is missing when its source takes no report of the damage', async () => {
  const download = async () => Readable.from([damage(made.archive)]);
  assert.match(await fail({ download, reportDamaged: async () => false }), /SHA-256 is not the one/);
});

test('ensure() reports nothing that came damaged once, was cut off, or was built again in the middle', async () => {
  const whole = damage(made.archive);
  const reportDamaged = () => assert.fail('nobody knows where it was damaged');
  for (const sent of [
    [whole, whole.subarray(0, 200)],
    [whole.subarray(0, 200), whole],
  ]) {
    const download = async () => Readable.from([sent.shift() ?? whole]);
    await fail({ download, reportDamaged });
  }
  const archives = [gzipSync('an older archive'), made.archive];
  const find = async () => recordOf(archives[0] ?? made.archive);
  const download = async () => Readable.from([damage(archives.shift() ?? made.archive)]);
  await fail({ find, download, reportDamaged });
});

test('ensure() gives up a download that stalls, or that takes too long', async () => {
  const stalling = async () => new Readable({ read() {} });
  const times = { silenceMs: 50, totalMs: 10_000 };
  assert.match(await fail({ download: stalling }, { times }), /nothing came for 0\.05 s/);
  async function* slowly() {
    for (const byte of made.archive) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      yield Buffer.from([byte]);
    }
  }
  const late = { silenceMs: 10_000, totalMs: 100 };
  const download = async () => Readable.from(slowly());
  assert.match(await fail({ download }, { times: late }), /took longer than 0\.1 s/);
});

test('ensure() stops a download when no job waits for it any more', async () => {
  const stopped = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const { images } = open({
    async download(_sha, signal) {
      signal.addEventListener('abort', () => stopped.resolve());
      begun.resolve();
      return new Readable({ read() {} });
    },
  });
  const stop = new AbortController();
  const ensuring = images.ensure(SHA, stop.signal);
  await begun.promise;
  stop.abort(new Error('enough'));
  await assert.rejects(ensuring, { message: 'enough' });
  await stopped.promise;
  assert.equal((await open({}).images.ensure(SHA, NEVER)).kind, 'present', 'the next one begins anew');
  await removeImage(engine, reference);
});

test('ensure() asks once more when an image was built again in the middle', async () => {
  const archives = [gzipSync('an older archive'), made.archive];
  let finds = 0;
  const find = async () => recordOf(archives[finds++] ?? made.archive);
  const { images, kinds } = open({ find });
  assert.deepEqual(await images.ensure(SHA, NEVER), { kind: 'present', imageId: made.id });
  assert.deepEqual(kinds(), ['download_started', 'failed', 'download_started', 'loaded']);
  await removeImage(engine, reference);
});

test('ensure() asks a source that is away once, and says that it is', async () => {
  let downloads = 0;
  const { images, kinds } = open({
    async download() {
      downloads += 1;
      throw new SourceAwayError('Not now');
    },
  });
  assert.partialDeepStrictEqual(await images.ensure(SHA, NEVER), { kind: 'away', sentence: 'Not now' });
  assert.equal(downloads, 1);
  assert.deepEqual(kinds(), ['download_started', 'failed']);
});

test('ensure() says when an image is not built, and takes the base image from the engine', async () => {
  for (const kind of ['not_built', 'absent'] as const)
    assert.deepEqual(await open({ find: async () => ({ kind }) }).images.ensure(SHA, NEVER), {
      kind: 'not_built',
    });
  const base = await inspectImage(engine, 'orca-grader-base:latest');
  const { images } = open({ find: async () => ({ kind: 'everywhere' }) });
  assert.deepEqual(await images.ensure(SHA, NEVER), { kind: 'present', imageId: base?.id });
});

test('ensure() looks for the base image again after a while, and once it was missing', async () => {
  let finds = 0;
  const find = async () => {
    finds += 1;
    return { kind: 'everywhere' } as const;
  };
  const { images } = open({ find }, { baseKnownMs: 60_000 });
  for (let job = 0; job < 3; job += 1) await images.ensure(SHA, NEVER);
  assert.equal(finds, 1);
  images.forget(SHA);
  assert.equal((await images.ensure(SHA, NEVER)).kind, 'present');
  assert.equal(finds, 2);
  const { images: later } = open({ find }, { baseKnownMs: 0 });
  for (let job = 0; job < 3; job += 1) await later.ensure(SHA, NEVER);
  assert.equal(finds, 5);
});
