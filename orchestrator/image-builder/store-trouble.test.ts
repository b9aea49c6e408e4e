import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { STORE_MARKER, STORE_NOT_MOUNTED } from '../store-marker.ts';
import { findStoreTrouble } from './store-trouble.ts';

const ANY_ROOM = { bytesMin: 1 };
const archives = (count: number) => async (): Promise<number> => count;

async function makeFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'orca-store-room-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

test('findStoreTrouble() marks a new store, which is known again when it is empty', async () => {
  await using made = await makeFolder();
  assert.equal(await findStoreTrouble(made.folder, ANY_ROOM, archives(0)), null);
  assert.deepEqual(await readdir(made.folder), [STORE_MARKER], 'and leaves nothing else');
  const never = async (): Promise<number> => assert.fail('the database is not asked');
  assert.equal(await findStoreTrouble(made.folder, ANY_ROOM, never), null);
});

test('findStoreTrouble() takes an empty folder for one whose disk is not mounted where archives are known, and says how to go on', async () => {
  await using made = await makeFolder();
  const found = await findStoreTrouble(made.folder, ANY_ROOM, archives(1));
  assert.equal(found?.trouble, STORE_NOT_MOUNTED);
  assert.ok(found.detail?.includes(join(made.folder, STORE_MARKER)));
  assert.deepEqual(await readdir(made.folder), [], 'it is not marked');
  await writeFile(join(made.folder, STORE_MARKER), '');
  assert.equal(await findStoreTrouble(made.folder, ANY_ROOM, archives(1)), null, 'an operator says so');
});

test('findStoreTrouble() marks the store of an Orca that left no marker', async () => {
  await using made = await makeFolder();
  await writeFile(join(made.folder, `${'a'.repeat(64)}.tgz`), 'x');
  assert.equal(await findStoreTrouble(made.folder, ANY_ROOM, archives(1)), null);
  assert.ok((await readdir(made.folder)).includes(STORE_MARKER));
});

test('findStoreTrouble() says how much is free where that is too little', async () => {
  await using made = await makeFolder();
  const found = await findStoreTrouble(made.folder, { bytesMin: 2 ** 60 }, archives(0));
  assert.equal(found?.trouble, 'the disk of saved images is full');
  assert.match(found.detail ?? '', /^\d+ MiB are free in ".*", \d+ are needed$/);
});

test('findStoreTrouble() throws what the system says of a folder that cannot be written to', async () => {
  await using made = await makeFolder();
  await assert.rejects(findStoreTrouble(join(made.folder, 'gone'), ANY_ROOM, archives(0)), {
    code: 'ENOENT',
  });
});
