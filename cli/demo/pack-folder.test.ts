import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { packPath } from './pack-folder.ts';

async function makeFolder(t: { after(clean: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orca-pack-'));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'tests/inner'), { recursive: true });
  await writeFile(join(folder, 'tests/b.txt'), 'b');
  await writeFile(join(folder, 'tests/inner/a.txt'), 'a');
  await writeFile(join(folder, 'real.zip'), 'a file of its own');
  return folder;
}

async function namesIn(tar: Buffer): Promise<string[]> {
  const names: string[] = [];
  const archive = extract();
  archive.end(tar);
  for await (const entry of archive) {
    names.push(entry.header.name);
    entry.resume();
  }
  return names;
}

test('packPath() packs a folder as the suffix says', async (t) => {
  const folder = await makeFolder(t);
  const tar = await packPath(folder, 'tests.tar');
  const tarGz = await packPath(folder, 'tests.tar.gz');
  const zip = await packPath(folder, 'tests.zip');
  assert.ok(tar && tarGz && zip);
  assert.deepEqual(await namesIn(tar), ['b.txt', 'inner/a.txt']);
  assert.deepEqual(gunzipSync(tarGz), tar);
  assert.equal(zip.subarray(0, 4).toString('latin1'), 'PK\u0003\u0004');
});

test('packPath() gives a file as it is, whatever its suffix', async (t) => {
  const folder = await makeFolder(t);
  assert.equal(String(await packPath(folder, 'tests/b.txt')), 'b');
  assert.equal(String(await packPath(folder, 'real.zip')), 'a file of its own');
});

for (const path of [
  'none.zip',
  'tests',
  'tests.rar',
  '../x',
  'tests/../../x.tar',
  'tests//b.txt',
  'a\0b',
  '',
])
  test(`packPath() has nothing for ${JSON.stringify(path)}`, async (t) => {
    assert.equal(await packPath(await makeFolder(t), path), null);
  });
