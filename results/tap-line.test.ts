import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTapLine } from './tap-line.ts';
import { cpuMsOf } from './testing/cpu-ms.ts';

const plain = { kind: 'test', isOk: true, number: null, name: '', directive: null };

test('readTapLine() reads test points: number, dash, name, directive', () => {
  const rows: [line: string, read: object][] = [
    ['ok', {}],
    ['ok 1', { number: 1 }],
    ['not ok 12', { isOk: false, number: 12 }],
    ['not  ok 1 a', { isOk: false, number: 1, name: 'a' }],
    ['not\t ok', { isOk: false }],
    ['ok 1 - adds two numbers', { number: 1, name: 'adds two numbers' }],
    ['ok 1 adds', { number: 1, name: 'adds' }],
    ['ok - adds', { name: 'adds' }],
    ['ok adds 2 numbers', { name: 'adds 2 numbers' }],
    ['ok 2nd try', { name: '2nd try' }],
    ['ok 1 - a -1 - b', { number: 1, name: 'a -1 - b' }],
    ['ok 1 \\# and \\\\ stay', { number: 1, name: '# and \\ stay' }],
    [
      'not ok 3 x # TODO later',
      { isOk: false, number: 3, name: 'x', directive: { kind: 'todo', reason: 'later' } },
    ],
    [
      'ok 4 y # skipped no network',
      { number: 4, name: 'y', directive: { kind: 'skip', reason: 'no network' } },
    ],
    ['ok 5 # SKIP', { number: 5, directive: { kind: 'skip', reason: '' } }],
    ['ok 6 z #Todo: why', { number: 6, name: 'z', directive: { kind: 'todo', reason: 'why' } }],
    ['ok 7 C# skips', { number: 7, name: 'C# skips' }],
    ['ok 8 issue #12 # skip x', { number: 8, name: 'issue #12', directive: { kind: 'skip', reason: 'x' } }],
    ['ok 9 a \\# skip b', { number: 9, name: 'a # skip b' }],
  ];
  for (const [line, read] of rows) assert.deepEqual(readTapLine(line), { ...plain, ...read }, line);
});

test('readTapLine() reads plans, versions, comments, bail out', () => {
  assert.deepEqual(readTapLine('1..5'), { kind: 'plan', count: 5, reason: '' });
  const skipped = { kind: 'plan', count: 0, reason: 'Skipped: no compiler' };
  assert.deepEqual(readTapLine('1..0 # Skipped: no compiler  '), skipped);
  assert.deepEqual(readTapLine('TAP version 14'), { kind: 'version', version: 14 });
  assert.deepEqual(readTapLine('# Time: 1.2'), { kind: 'comment', text: 'Time: 1.2' });
  assert.deepEqual(readTapLine('Bail out!  no database'), { kind: 'bail_out', reason: 'no database' });
  assert.deepEqual(readTapLine('BAIL OUT!'), { kind: 'bail_out', reason: '' });
});

test('readTapLine() passes over what is none of TAP', () => {
  for (const line of [
    '',
    'OK 1',
    'Not ok',
    'okay',
    'ok1',
    'notok 1',
    '1..x',
    '2..3',
    '1..1234567890',
    'pragma +strict',
    'tap version 13',
  ]) {
    assert.deepEqual(readTapLine(line), { kind: 'other' }, line);
  }
});

test('readTapLine() takes time linear in the line', () => {
  const evil = [' ', ' #', '# ', '\\', '#skip', ' # s', '1', '- '].map((piece) => piece.repeat(500_000));
  for (const line of evil) {
    const took = cpuMsOf(() => {
      for (const begin of ['ok 1 ', 'not', 'not ok', 'ok', '1..1', '1..1 #', 'Bail out!', 'TAP version 1']) {
        readTapLine(`${begin}${line}x`);
        readTapLine(`${begin}${line}`);
      }
    });
    assert.ok(took < 2000, `${line.slice(0, 5)}… took ${took} ms`);
  }
});
