import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  buildImage,
  connectEngine,
  type Engine,
  inspectImage,
  listImages,
  packContext,
  removeImage,
  saveImage,
  tagImage,
} from '@orca/docker';
import { type ImageDeps, imageReference, openImages } from './ensure-image.ts';
import { type ImageEvent, type ImageRecord, type ImageSource, SourceAwayError } from './image-source.ts';
import { IMAGE_INSTALLATION_LABEL, IMAGE_SHA_LABEL, sweepImages } from './sweep-images.ts';

const NEVER = new AbortController().signal;
const SHA = 'c'.repeat(64);

/** A grader image of a test's own: as small as can be, since what is in it does not matter here. */
async function makeArchive(engine: Engine, installationId: string) {
  const dockerfile = 'FROM scratch\nCOPY Dockerfile /\n';
  const labels = { [IMAGE_INSTALLATION_LABEL]: installationId, [IMAGE_SHA_LABEL]: SHA };
  const context = packContext([{ name: 'Dockerfile', content: dockerfile }]);
  const signal = AbortSignal.timeout(120_000);
  const { id } = await buildImage(engine, { context, dockerfile: 'Dockerfile', labels }, () => {}, signal);
  const layers = (await inspectImage(engine, id))?.layers ?? [];
  const archive = gzipSync(Buffer.concat(await (await saveImage(engine, id, signal)).toArray()));
  await removeImage(engine, id);
  return { id, layers, archive };
}

describe('openImages()', () => {
  const installationId = randomUUID();
  const reference = imageReference(installationId, SHA);
  let engine: Engine;
  let made: Awaited<ReturnType<typeof makeArchive>>;
  let folder: string;
  let ready: ImageRecord;

  before(async () => {
    engine = await connectEngine();
    made = await makeArchive(engine, installationId);
    folder = await mkdtemp(join(tmpdir(), 'orca-images-test-'));
    ready = recordOf(made.archive);
  });
  after(async () => {
    await removeImage(engine, reference);
    await rm(folder, { recursive: true });
  });

  function recordOf(archive: Buffer, layers: readonly string[] = made.layers): ImageRecord {
    const archiveSha256 = createHash('sha256').update(archive).digest();
    return { kind: 'ready', image: { layers, archiveBytes: archive.length, archiveSha256 } };
  }

  function open(source: Partial<ImageSource>, changes: Partial<ImageDeps> = {}) {
    const events: ImageEvent[] = [];
    const images = openImages({
      ...{ engine, installationId, folder },
      source: { find: async () => ready, download: async () => Readable.from([made.archive]), ...source },
      times: { silenceMs: 10_000, totalMs: 20_000 },
      onEvent: (event) => events.push(event),
      ...changes,
    });
    const kinds = () => events.map(({ kind }) => kind);
    return { images, kinds };
  }

  /** Ensures what cannot be had; returns the sentence. Nothing of it may be left. */
  async function fail(source: Partial<ImageSource>, changes: Partial<ImageDeps> = {}): Promise<string> {
    const ensured = await open(source, changes).images.ensure(SHA, NEVER);
    assert.equal(ensured.kind, 'missing');
    assert.deepEqual(await readdir(folder), [], 'no file is left');
    assert.equal(await inspectImage(engine, reference), null, 'no image is left');
    return ensured.kind === 'missing' ? ensured.sentence : '';
  }

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
    const flipped = Buffer.from(made.archive);
    flipped[100] = (flipped[100] ?? 0) ^ 1;
    assert.match(await fail({ download: async () => Readable.from([flipped]) }), /SHA-256 is not the one/);
    const other = recordOf(made.archive, ['sha256:other']);
    assert.match(await fail({ find: async () => other }), /another image is in it/);
    assert.equal(await inspectImage(engine, made.id), null, 'what was loaded is gone again');
    const noImage = gzipSync('no archive at all');
    const find = async () => recordOf(noImage);
    await fail({ find, download: async () => Readable.from([noImage]) });
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

  test('sweepImages() removes what was not used for long, and nothing that is needed or somebody else’s', async () => {
    const old = new Date(Date.now() - 10 * 86_400_000);
    const deps = {
      ...{ engine, installationId },
      retention: { keepSeconds: 7 * 86_400, bytesMax: 1e15 },
      lastUses: async () => [{ sha: SHA, lastUsedAt: old }],
      needed: async (): Promise<ReadonlySet<string>> => new Set(),
    };
    await open({}).images.ensure(SHA, NEVER);
    const other = { ...deps, installationId: randomUUID() };
    assert.deepEqual((await sweepImages(other)).removed, []);
    assert.deepEqual((await sweepImages({ ...deps, needed: async () => new Set([SHA]) })).removed, []);
    const fresh = async () => [{ sha: SHA, lastUsedAt: new Date() }];
    assert.deepEqual((await sweepImages({ ...deps, lastUses: fresh })).removed, []);
    assert.notEqual(await inspectImage(engine, reference), null);
    assert.deepEqual((await sweepImages(deps)).removed, [SHA]);
    const labels = { [IMAGE_INSTALLATION_LABEL]: installationId };
    assert.deepEqual(await listImages(engine, { labels }), []);
  });
});
