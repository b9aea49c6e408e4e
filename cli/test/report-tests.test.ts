import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPaint } from '../paint.ts';
import { renderCheck, renderFile, renderSummary } from './report-tests.ts';

const plain = createPaint(false);
const CHECK = { name: 'tsc', program: ['tsc'] } as const;
const FILE = {
  file: 'a/x.test.ts',
  durationMs: 1234,
  passed: 2,
  failed: 0,
  skipped: 0,
  failures: [],
  output: 'hi',
};

test('renderCheck() says what a check wrote only when it failed', () => {
  assert.equal(
    renderCheck(CHECK, { passed: true, durationMs: 400, output: 'noise' }, plain),
    'ok    tsc  0.4 s\n',
  );
  assert.equal(
    renderCheck(CHECK, { passed: false, durationMs: 400, output: 'a\nb\n' }, plain),
    'FAIL  tsc  0.4 s\n      a\n      b\n',
  );
});

test('renderFile() is one line for a file that passed', () => {
  assert.equal(renderFile(FILE, plain), 'ok    a/x.test.ts  2 tests  1.2 s\n');
  assert.equal(
    renderFile({ ...FILE, passed: 1, skipped: 3 }, plain),
    'ok    a/x.test.ts  1 test, 3 skipped  1.2 s\n',
  );
});

test('renderFile() shows each failure with what was thrown, and what the file wrote', () => {
  const error = new Error('wrapped', { cause: 'it was 2' });
  const report = {
    ...FILE,
    failed: 1,
    failures: [{ name: 'one is one', error }],
    output: '\u001b[31mred\u001b[0m\n',
  };
  assert.equal(
    renderFile(report, plain),
    [
      'FAIL  a/x.test.ts  3 tests, 1 failed  1.2 s',
      '      one is one',
      '      it was 2',
      '      It wrote:',
      '      red',
      '',
    ].join('\n'),
  );
});

test('renderSummary() ends with the counts as its very last line', () => {
  const counts = { passed: 7, failed: 1, skipped: 2, failures: ['tsc'], flaky: ['a/x: y'] };
  assert.equal(renderSummary(counts, plain), '\nFAIL  tsc\nFLAKY a/x: y\n2 skipped\n7 passed, 1 failed\n');
  const clean = { passed: 7, failed: 0, skipped: 0, failures: [], flaky: [] };
  assert.equal(renderSummary(clean, plain), '\n7 passed, 0 failed\n');
});
