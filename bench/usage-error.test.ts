import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readCount, UsageError } from './usage-error.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

test('readCount() takes whole numbers, and refuses all else in one sentence', () => {
  assert.equal(readCount('--jobs', '1'), 1);
  assert.equal(readCount('--jobs', '9999999'), 9_999_999);
  for (const text of ['0', '-3', '1.5', '10000000', 'many', '', '1e3', '07'])
    assert.throws(() => readCount('--jobs', text), UsageError, text);
});

for (const [args, sentence] of [
  [['deadline', '--students', 'many'], /^Cannot take --students "many": it is no whole number [^\n]+\n$/],
  [['memory', '--jobs', '0'], /^Cannot take --jobs "0": it is no whole number [^\n]+\n$/],
  [['deadline', '--students'], /^Option '--students <value>' argument missing\n$/],
  [['throughput', '--quik'], /^Unknown option '--quik'[^\n]*\n$/],
  [['--quik'], /^Unknown option '--quik'[^\n]*\n$/],
  [['--quick', '--students', '60'], /^Unknown option '--students'[^\n]*\n$/],
] as const) {
  test(`bench ${args.join(' ')} ends with status 2 and one sentence, before anything is started`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
    assert.deepEqual({ status, stdout }, { status: 2, stdout: '' });
    assert.match(stderr, sentence);
  });
}
