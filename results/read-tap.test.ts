import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTap } from './read-tap.ts';
import { read, statuses } from './testing/read-lines.ts';

test("readTap() reads Bottlenose's dialect: weights, messages, stacks, commentary", () => {
  const report = read(
    'TAP version 13',
    '1..3',
    '# Time: 1.234',
    '# Tests run: 3, Failures: 1',
    'ok 1 adds',
    '  ---',
    '  weight: 2.5',
    '  ...',
    'not ok 2 subtracts',
    '# More information',
    '  ---',
    '  weight: 1.5',
    '  message: "expected 1"',
    '  stack:',
    '    - "at A.java:3"',
    '    - "at B.java:9"',
    '  ...',
    'ok 3 multiplies',
  );
  assert.deepEqual(report, {
    tests: [
      { id: '1', name: 'adds', status: 'passed', score: 2.5, max_score: 2.5 },
      {
        id: '2',
        name: 'subtracts',
        status: 'failed',
        score: 0,
        max_score: 1.5,
        message: 'expected 1',
        output: 'at A.java:3\nat B.java:9',
      },
      { id: '3', name: 'multiplies', status: 'passed', score: 1, max_score: 1 },
    ],
    score: { earned: 3.5, available: 5 },
    problems: [],
  });
});

test('readTap() takes TOTAL POINTS for what is available, and failures off it, suppressed ones apart', () => {
  const finding = (number: number, suppressed: boolean): string[] => [
    `not ok ${number} style`,
    '  ---',
    '  weight: 2',
    `  suppressed: ${suppressed}`,
    '  ...',
  ];
  const report = read('1..3', '# TOTAL POINTS: 10.5', ...finding(1, false), ...finding(2, true), 'ok 3 fine');
  assert.deepEqual(report.score, { earned: 8.5, available: 10.5 });
  assert.deepEqual(read('1..1', '# TOTAL POINTS: 1', ...finding(1, false)).score, {
    earned: 0,
    available: 1,
  });
});

test('readTap() rounds sums of points, and has no score where nothing was tested', () => {
  const weighed = [1, 2, 3].flatMap((number) => [`ok ${number}`, '  ---', '  weight: 0.1', '  ...']);
  assert.deepEqual(read('1..3', ...weighed).score, { earned: 0.3, available: 0.3 });
  assert.deepEqual(read('1..0 # skipped: no compiler'), { tests: [], score: null, problems: [] });
});

test('readTap() gives all TOTAL POINTS to a style report without findings, and none where nothing was looked at', () => {
  const perfect = ['TAP version 13', '1..0', '# TOTAL POINTS: 10.000000', '# Tests run: 0'];
  assert.deepEqual(read(...perfect), { tests: [], score: { earned: 10, available: 10 }, problems: [] });
  const points = '# TOTAL POINTS: 10';
  for (const lines of [
    ['1..0'],
    ['1..0 # SKIP no checkstyle'],
    ['1..0 # SKIP no checkstyle', points],
    [points, '1..0 # Skipped: no checkstyle'],
    ['1..0', points, 'Bail out! no memory'],
    ['TAP version 13', points],
    ['TAP version 14', points],
  ])
    assert.equal(read(...lines).score, null, lines.join(', '));
});

test('readTap() knows what is no TAP', () => {
  const none = [
    '',
    '\n\n',
    'hello',
    'ok',
    'ok then',
    'not ok',
    'ok 2 files copied',
    'x\n1..3',
    '# TOTAL POINTS: 3',
    '{"a":1}',
    '  ok 1',
    'x\nok 1 a',
  ];
  for (const text of none) assert.equal(readTap(text), null, text);
  for (const text of [
    'ok 1',
    '# hi\nnot ok 1 a',
    'TAP version 13',
    '\ufeffTAP version 14\n',
    '1..0',
    '1..3',
    '1..1\nok',
    'x\n1..1\nok\n',
  ]) {
    assert.notEqual(readTap(text), null, text);
  }
});

test('readTap() counts tests without numbers, and passes over noise', () => {
  const report = read(
    'compiling…',
    'TAP version 13',
    'ok first',
    'warning: x',
    'not ok second',
    'pragma +strict',
    'ok 5',
    'ok',
    '1..6',
  );
  assert.deepEqual(
    report.tests.map(({ id, name, status }) => [id, name, status]),
    [
      ['1', 'first', 'passed'],
      ['2', 'second', 'failed'],
      ['5', 'test 5', 'passed'],
      ['6', 'test 6', 'passed'],
      ['3', 'test 3', 'failed'],
      ['4', 'test 4', 'failed'],
    ],
  );
});

test('readTap() takes the plan before or after the tests, once', () => {
  assert.equal(statuses('1..2', 'ok 1', 'ok 2'), '1 passed, 2 passed');
  assert.equal(statuses('TAP version 14', 'ok 1', 'ok 2', '1..2'), '1 passed, 2 passed');
  const twice = read('1..1', 'ok 1', '1..2');
  assert.deepEqual(twice.problems, ['more than one plan: the first one counts']);
});

test('readTap() counts tests of the plan that were not reported as failed, points included', () => {
  const report = read('1..3', 'ok 2');
  assert.equal(report.tests.map(({ id, status }) => `${id} ${status}`).join(), '2 passed,1 failed,3 failed');
  assert.equal(report.tests[1]?.message, 'Planned, but never reported');
  assert.deepEqual(report.score, { earned: 1, available: 3 });
  assert.deepEqual(report.problems, ['2 of 3 planned tests were not reported']);
});

test('readTap() counts tests outside of the plan as failed', () => {
  const report = read('1..1', 'ok 1', 'ok 2 extra', 'ok 0 zero');
  assert.equal(
    report.tests.map(({ id, status, score }) => `${id} ${status} ${score}`).join(),
    '1 passed 1,2 failed 0,0 failed 0',
  );
  assert.equal(report.tests[1]?.message, 'Its number 2 is outside of the plan 1..1');
  assert.deepEqual(report.score, { earned: 1, available: 3 });
});
