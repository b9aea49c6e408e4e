import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { archiveFileName, openImageStore } from './image-store.ts';

const FOREVER = new AbortController().signal;

async function openTestStore() {
  const folder = await mkdtemp(join(tmpdir(), 'orca-store-test-'));
  return {
    folder,
    store: await openImageStore(folder),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

test('save() keeps an image whole and compressed, under the SHA-256 of its file', async () => {
  await using box = await openTestStore();
  const image = Buffer.concat([randomBytes(3_000_000), Buffer.alloc(5_000_000, 'layer ')]);
  const chunks = Array.from({ length: 80 }, (_, index) =>
    image.subarray(index * 100_000, (index + 1) * 100_000),
  );
  const archive = await box.store.save(Readable.from(chunks), FOREVER);
  assert.deepEqual(await readdir(box.folder), [archiveFileName(archive.sha256)]);
  const bytes = await readFile(join(box.folder, archiveFileName(archive.sha256)));
  assert.equal(bytes.length, archive.bytes);
  assert.deepEqual(createHash('sha256').update(bytes).digest(), archive.sha256);
  assert.ok(bytes.length < 4_000_000, `${bytes.length} bytes`);
  assert.ok(gunzipSync(bytes).equals(image));
  assert.equal(await box.store.has(archive), true);
  assert.equal(await box.store.has({ ...archive, bytes: archive.bytes - 1 }), false);
});

test('has() finds no archive in a file of the right size and wrong contents', async () => {
  await using box = await openTestStore();
  const archive = await box.store.save(Readable.from([randomBytes(3_000_000)]), FOREVER);
  const file = join(box.folder, archiveFileName(archive.sha256));
  const bytes = await readFile(file);
  const middle = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  await writeFile(file, bytes);
  assert.equal(await box.store.has(archive), false);
  await rm(file);
  assert.equal(await box.store.has(archive), false, 'nothing is there');
  await mkdir(file);
  assert.equal(await box.store.has(archive), false, 'it cannot be read');
});

test('save() leaves nothing of an image that breaks off, or that is given up', async () => {
  await using box = await openTestStore();
  const breaks = new Error('the engine hung up');
  async function* broken() {
    yield randomBytes(2_000_000);
    throw breaks;
  }
  await assert.rejects(box.store.save(Readable.from(broken()), FOREVER), (error) => error === breaks);
  const stop = new AbortController();
  const reason = new Error('enough');
  async function* endless() {
    for (let index = 0; ; index += 1) {
      if (index === 5) stop.abort(reason);
      yield randomBytes(1_000_000);
    }
  }
  await assert.rejects(box.store.save(Readable.from(endless()), stop.signal), (error) => error === reason);
  assert.deepEqual(await readdir(box.folder), []);
});

test('sweep() removes what nobody names, an hour after it was written, and nothing that is not ours', async () => {
  await using box = await openTestStore();
  const old = new Date(Date.now() - 3_700_000);
  const [named, stray] = ['a'.repeat(64), 'b'.repeat(64)];
  for (const name of [`${named}.tgz`, `${stray}.tgz`, 'cut-off.part', 'notes.txt', 'x.tgz'])
    await writeFile(join(box.folder, name), 'x').then(() => utimes(join(box.folder, name), old, old));
  for (const name of [`${'c'.repeat(64)}.tgz`, 'under-way.part'])
    await writeFile(join(box.folder, name), 'x');
  assert.equal(await box.store.sweep((sha256) => sha256 === named), 2);
  assert.deepEqual(
    (await readdir(box.folder)).sort(),
    [`${named}.tgz`, `${'c'.repeat(64)}.tgz`, 'notes.txt', 'under-way.part', 'x.tgz'].sort(),
  );
});

test('openImageStore() says which setting to change when the folder cannot be written to', async () => {
  await using box = await openTestStore();
  const file = join(box.folder, 'a file');
  await writeFile(file, '');
  await assert.rejects(
    openImageStore(join(file, 'images')),
    /Cannot use ".*" as ORCA_IMAGE_FOLDER: it cannot/,
  );
});
