import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { createGzip } from 'node:zlib';
import type { Engine } from './call-engine.ts';
import { loadImage, saveImage } from './image-archive.ts';
import { importImage, removeImage, tagImage } from './images.ts';
import { inspectImage, listImages } from './inspect-image.ts';
import { packContext } from './pack-context.ts';
import { connectTestEngine } from './testing/test-engine.ts';

const inTime = (): AbortSignal => AbortSignal.timeout(120_000);

describe('a real engine', () => {
  let engine: Engine;
  const references: string[] = [];

  before(async () => {
    engine = await connectTestEngine();
  });
  after(() => Promise.all(references.map((reference) => removeImage(engine, reference))));

  async function makeImage(): Promise<{ id: string; tag: string }> {
    const tag = `orca-docker-test:${randomUUID()}`;
    references.push(tag, `${tag}-too`);
    const root = packContext([{ name: 'file', content: tag }]);
    return { id: (await importImage(engine, root, tag, inTime())).id, tag };
  }

  test('loadImage() brings back what saveImage() wrote, compressed too, without its name', async () => {
    const { id, tag } = await makeImage();
    const layers = (await inspectImage(engine, id))?.layers;
    const archive = Buffer.concat(await (await saveImage(engine, id, inTime())).toArray());
    assert.equal(await removeImage(engine, tag), 'removed');
    assert.equal(await inspectImage(engine, id), null);
    const plain = Readable.from([archive], { objectMode: false });
    const compressed = Readable.from([archive], { objectMode: false }).pipe(createGzip());
    for (const stream of [plain, compressed]) {
      const { ids } = await loadImage(engine, stream, inTime());
      assert.equal(ids.length, 1);
      const image = await inspectImage(engine, ids[0] ?? '');
      assert.deepEqual(image?.layers, layers);
      assert.deepEqual(image?.tags, []);
      assert.equal(await removeImage(engine, ids[0] ?? ''), 'removed');
    }
  });

  test('loadImage() finds the image by the name that an archive gives it', async () => {
    const { id, tag } = await makeImage();
    const { ids } = await loadImage(engine, await saveImage(engine, tag, inTime()), inTime());
    assert.deepEqual(ids, [id]);
  });

  test('loadImage() throws for what is no archive, and for one that is cut', async () => {
    const { id } = await makeImage();
    const archive = Buffer.concat(await (await saveImage(engine, id, inTime())).toArray());
    for (const bytes of [Buffer.from('no archive'), archive.subarray(0, 1_500)]) {
      const load = loadImage(engine, Readable.from([bytes], { objectMode: false }), inTime());
      await assert.rejects(load, { code: 'engine_refused' });
    }
  });

  test('saveImage() throws engine_refused for an image that there is not', async () => {
    const id = `sha256:${'0'.repeat(64)}`;
    await assert.rejects(saveImage(engine, id, inTime()), { code: 'engine_refused' });
  });

  test('listImages() finds by names, and removeImage() tells many names from use', async () => {
    const { id, tag } = await makeImage();
    const named = (await listImages(engine, { dangling: false })).find((image) => image.id === id);
    assert.deepEqual(named?.tags, [tag]);
    assert.equal(named?.parentId, null);
    assert.ok((named?.sizeBytes ?? 0) > 0 && (named?.createdAt.getTime() ?? 0) > Date.parse('2020-01-01'));
    assert.ok(!(await listImages(engine, { dangling: true })).some((image) => image.id === id));
    await tagImage(engine, id, `${tag}-too`);
    assert.equal(await removeImage(engine, id), 'many_names');
    assert.equal(await removeImage(engine, tag), 'removed');
    assert.equal(await removeImage(engine, id), 'removed');
    assert.equal(await removeImage(engine, id), 'absent');
  });
});
