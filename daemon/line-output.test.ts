import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLineOutput } from './line-output.ts';

const KIB = 1024;
const DISK_FULL = '/dev/full';
const NEEDS_ROOT = process.getuid?.() === 0 ? false : 'SKIPPED: only root can mount a small file system';

test('openLineOutput() writes what waited once there is room again', { skip: NEEDS_ROOT }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'orca-small-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
  const log = openSync(join(folder, 'log'), 'a');
  t.after(() => {
    closeSync(log);
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  });
  const output = openLineOutput(log);
  const filler = join(folder, 'filler');
  assert.throws(() => writeFileSync(filler, Buffer.alloc(65 * KIB)), { code: 'ENOSPC' });
  for (const line of ['one\n', 'two\n']) output.write(line);
  rmSync(filler);
  output.write('three\n');
  assert.equal(readFileSync(join(folder, 'log'), 'utf8'), 'one\ntwo\nthree\n');
});

test('openLineOutput() keeps only some MiB of what cannot be written', (t) => {
  const full = openSync(DISK_FULL, 'w');
  t.after(() => closeSync(full));
  const output = openLineOutput(full);
  const before = process.memoryUsage().rss;
  for (let written = 0; written < 6_144; written += 1)
    output.write(Buffer.alloc(64 * KIB, String(written)).toString('latin1'));
  // Of 384 MiB.
  assert.ok(process.memoryUsage().rss - before < 192 * KIB * KIB);
});
