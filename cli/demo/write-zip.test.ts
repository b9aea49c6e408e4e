import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeZip } from './write-zip.ts';

// Python's zipfile checks sums and headers, and is there wherever the example's own tests are.
const UNPACK = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    for info in archive.infolist():
        print(info.filename, oct(info.external_attr >> 16), info.file_size)
    archive.extractall(sys.argv[2])
`;

test('writeZip() writes what another program unpacks, sums, names and modes included', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'orca-zip-'));
  t.after(() => rm(folder, { recursive: true }));
  const big = Buffer.from('0123456789'.repeat(10_000));
  const zip = writeZip([
    { name: 'a.txt', bytes: Buffer.from('hello\n'), mode: 0o644 },
    { name: 'deep/er/größe.sh', bytes: big, mode: 0o755 },
    { name: 'empty', bytes: Buffer.alloc(0), mode: 0o600 },
  ]);
  assert.ok(zip.length < big.length, 'it is compressed');
  await writeFile(join(folder, 'x.zip'), zip);
  const { stdout, stderr } = spawnSync('python3', ['-c', UNPACK, join(folder, 'x.zip'), folder], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', PYTHONIOENCODING: 'utf8', LC_ALL: 'C.UTF-8' },
  });
  assert.equal(stderr, '');
  assert.equal(stdout, 'a.txt 0o100644 6\ndeep/er/größe.sh 0o100755 100000\nempty 0o100600 0\n');
  assert.deepEqual(await readFile(join(folder, 'deep/er/größe.sh')), big);
  assert.equal((await stat(join(folder, 'empty'))).size, 0);
});

test('writeZip() makes equal archives of equal files', () => {
  const file = { name: 'a', bytes: Buffer.from('x'), mode: 0o644 };
  assert.deepEqual(writeZip([file]), writeZip([file]));
});
