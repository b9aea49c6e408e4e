import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import {
  buildImage,
  connectEngine,
  type Engine,
  inspectImage,
  packContext,
  removeImage,
  saveImage,
} from '@orca/docker';
import { type EngineImages, type ImageDeps, imageReference, openImages } from '../ensure-image.ts';
import type { ImageEvent, ImageRecord, ImageSource } from '../image-source.ts';
import { IMAGE_INSTALLATION_LABEL, IMAGE_SHA_LABEL } from '../sweep-images.ts';

export const NEVER = new AbortController().signal;
export const SHA = 'c'.repeat(64);

/** A grader image of a test's own, and a source that has it. */
export interface TestImages extends AsyncDisposable {
  readonly engine: Engine;
  readonly installationId: string;
  /** The name of the image in the engine, once it is there. */
  readonly reference: string;
  readonly made: { readonly id: string; readonly layers: readonly string[]; readonly archive: Buffer };
  /** Where downloads lie. */
  readonly folder: string;
  readonly ready: ImageRecord;
  recordOf(archive: Buffer, layers?: readonly string[]): ImageRecord;
  /** Images of this machine; `kinds` tells what has happened so far. */
  open(
    source: Partial<ImageSource>,
    changes?: Partial<ImageDeps>,
  ): { images: EngineImages; kinds: () => string[] };
  /** Ensures what cannot be had; returns the sentence. Nothing of it may be left. */
  fail(source: Partial<ImageSource>, changes?: Partial<ImageDeps>): Promise<string>;
}

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

/** Opens the images of a test, with an archive and a folder of its own. */
export async function openTestImages(): Promise<TestImages> {
  const installationId = randomUUID();
  const reference = imageReference(installationId, SHA);
  const engine = await connectEngine();
  const made = await makeArchive(engine, installationId);
  const folder = await mkdtemp(join(tmpdir(), 'orca-images-test-'));
  const recordOf = (archive: Buffer, layers: readonly string[] = made.layers): ImageRecord => {
    const archiveSha256 = createHash('sha256').update(archive).digest();
    return { kind: 'ready', image: { layers, archiveBytes: archive.length, archiveSha256 } };
  };
  const ready = recordOf(made.archive);
  const open: TestImages['open'] = (source, changes = {}) => {
    const events: ImageEvent[] = [];
    const images = openImages({
      ...{ engine, installationId, folder },
      source: { find: async () => ready, download: async () => Readable.from([made.archive]), ...source },
      times: { silenceMs: 10_000, totalMs: 20_000 },
      onEvent: (event) => events.push(event),
      ...changes,
    });
    return { images, kinds: () => events.map(({ kind }) => kind) };
  };
  return {
    ...{ engine, installationId, reference, made, folder, ready, recordOf, open },
    async fail(source, changes = {}) {
      const ensured = await open(source, changes).images.ensure(SHA, NEVER);
      assert.equal(ensured.kind, 'missing');
      assert.deepEqual(await readdir(folder), [], 'no file is left');
      assert.equal(await inspectImage(engine, reference), null, 'no image is left');
      return ensured.kind === 'missing' ? ensured.sentence : '';
    },
    async [Symbol.asyncDispose]() {
      await removeImage(engine, reference);
      await rm(folder, { recursive: true });
    },
  };
}
