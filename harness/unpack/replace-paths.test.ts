import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { replacePathsBelow } from './replace-paths.ts';

const FOLDERS = { downloaded: '/work/downloaded', extracted: '/work/extracted', build: '/work/build' };

function inFolder(check: (folder: string, replace: () => void) => void): void {
  const outer = mkdtempSync(join(tmpdir(), 'orca-replace-test-'));
  const folder = join(outer, 'entry');
  mkdirSync(folder);
  try {
    check(folder, () => replacePathsBelow(folder, FOLDERS, join(outer, 'scratch')));
  } finally {
    rmSync(outer, { recursive: true });
  }
}

test('replacePathsBelow() replaces the variables at any depth, and keeps all other bytes and the mode', () => {
  inFolder((folder, replace) => {
    mkdirSync(join(folder, 'd'));
    const path = join(folder, 'd/config');
    const invalid = Buffer.from([0xff, 0xc3, 0x28]);
    writeFileSync(path, Buffer.concat([Buffer.from(`a=$BUILD/x b=\${EXTRACTED} c=$BUILDER `), invalid]));
    chmodSync(path, 0o755);
    replace();
    const expected = Buffer.concat([Buffer.from('a=/work/build/x b=/work/extracted c=$BUILDER '), invalid]);
    assert.deepEqual(readFileSync(path), expected);
    assert.equal(statSync(path).mode & 0o777, 0o755);
  });
});

test('replacePathsBelow() leaves binary files alone: a NUL in the first 8 KiB', () => {
  inFolder((folder, replace) => {
    const binary = Buffer.concat([Buffer.alloc(8 * 1024 - 1, 'x'), Buffer.from([0]), Buffer.from('$BUILD')]);
    const late = Buffer.concat([Buffer.alloc(8 * 1024, 'x'), Buffer.from([0]), Buffer.from('$BUILD')]);
    writeFileSync(join(folder, 'binary'), binary);
    writeFileSync(join(folder, 'late'), late);
    replace();
    assert.deepEqual(readFileSync(join(folder, 'binary')), binary);
    assert.ok(readFileSync(join(folder, 'late')).toString().endsWith('\0/work/build'));
  });
});

test('replacePathsBelow() follows no link', () => {
  inFolder((folder, replace) => {
    const outside = join(folder, '..', 'outside');
    writeFileSync(outside, '$BUILD');
    symlinkSync(outside, join(folder, 'link'));
    replace();
    assert.equal(readFileSync(outside, 'utf8'), '$BUILD');
  });
});

test('replacePathsBelow() finds a variable wherever the pieces that it reads are cut', () => {
  inFolder((folder, replace) => {
    const mib = 1024 * 1024;
    for (let shift = 0; shift < 18; shift += 1) {
      const before = 'x'.repeat(mib - shift);
      writeFileSync(join(folder, `${shift}`), `${before}\${DOWNLOADED}$$BUILD$BUILD`);
    }
    replace();
    for (let shift = 0; shift < 18; shift += 1) {
      const after = readFileSync(join(folder, `${shift}`), 'latin1').slice(mib - shift);
      assert.equal(after, '/work/downloaded$/work/build/work/build', `${shift}`);
    }
  });
});
