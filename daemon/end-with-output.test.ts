import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

const MODULE = new URL('./end-with-output.ts', import.meta.url).href;
const DISK_FULL = '/dev/full';

/** Prints once it is told to, and then stays. */
function startPrinter(before: string, stdout: 'pipe' | number = 'pipe'): ChildProcess {
  const source = `import { endWithOutput } from ${JSON.stringify(MODULE)};
    endWithOutput(); ${before}
    process.stdin.once('data', () => { console.log('one'); console.log('two'); setInterval(() => {}, 1_000); });`;
  return spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['pipe', stdout, 'pipe'] });
}

async function endOf(child: ChildProcess): Promise<{ status: number | null; stderr: string }> {
  child.stdin?.write('go\n');
  assert.ok(child.stderr !== null);
  const [[status], stderr] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
  return { status, stderr };
}

test('a command whose output nobody reads any more ends in silence, as by SIGPIPE', async () => {
  const child = startPrinter('');
  child.stdout?.destroy();
  assert.deepEqual(await endOf(child), { status: 141, stderr: '' });
});

test('so does one whose terminal has gone away', async () => {
  const child = startPrinter(
    `process.stdout._write = (chunk, encoding, done) => done(Object.assign(new Error('write EIO'), { code: 'EIO' }));`,
  );
  assert.deepEqual(await endOf(child), { status: 141, stderr: '' });
});

test('one that has something to bring to an end is told to stop, once', async () => {
  const child = startPrinter(
    `process.on('SIGTERM', () => { console.error('stopping'); setTimeout(() => process.exit(), 100); });`,
  );
  child.stdout?.destroy();
  assert.deepEqual(await endOf(child), { status: 141, stderr: 'stopping\n' });
});

test('one whose output finds no room says so', async (t) => {
  const full = openSync(DISK_FULL, 'w');
  t.after(() => closeSync(full));
  const { status, stderr } = await endOf(startPrinter('', full));
  assert.equal(status, 1);
  assert.match(stderr, /^Cannot write the output: ENOSPC[^\n]*\n$/);
});
