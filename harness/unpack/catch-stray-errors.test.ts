import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const MODULE = JSON.stringify(join(import.meta.dirname, 'catch-stray-errors.ts'));

/** What a process of its own prints that catches stray errors of this: to the test runner they would be its own. */
function thrownBy(unpack: string): string {
  const program = `import { readSync } from 'node:fs';
const { catchStrayErrors } = await import(${MODULE});
const never = new Promise(() => setInterval(() => undefined, 1_000));
const later = (work) => { setImmediate(work); return never; };
await catchStrayErrors(() => ${unpack}).then(console.log, (error) => console.log(String(error)));
process.exit(0);`;
  const args = ['--input-type=module', '-e', program];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 });
  assert.equal(stderr, '');
  return stdout.trim();
}

test('catchStrayErrors() refuses the archive for what is thrown where nobody catches it', () => {
  assert.equal(
    thrownBy("later(() => { throw new RangeError('out of range'); })"),
    'ArchiveError: corrupt archive: out of range',
  );
  assert.equal(
    thrownBy("later(() => Promise.reject(new Error('unheard')))"),
    'ArchiveError: corrupt archive: unheard',
  );
});

test('catchStrayErrors() leaves alone what a file system says, and what comes of the unpacking itself', () => {
  assert.match(thrownBy('later(() => readSync(999, Buffer.alloc(1)))'), /^Error: EBADF: /);
  assert.equal(thrownBy('Promise.resolve(42)'), '42');
  assert.equal(thrownBy("Promise.reject(new TypeError('ours'))"), 'TypeError: ours');
});
