import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTap } from './read-tap.ts';
import { read, statuses } from './testing/read-lines.ts';

test('readTap() misses the plan in TAP 14, not in 13', () => {
  assert.equal(statuses('TAP version 13', 'ok 1'), '1 passed');
  assert.equal(statuses('TAP version 14', 'ok 1'), '1 passed, plan error');
});

test('readTap() has no score for a report that was cut short before its plan', () => {
  for (const lines of [
    ['TAP version 14', 'ok 1'],
    ['TAP version 14', '# TOTAL POINTS: 10', 'ok 1'],
    ['TAP version 14', 'ok 1', 'Bail out!', '1..1'],
    ['TAP version 13', 'ok 1', 'Bail out! no disk', '1..1'],
    ['ok 1', '    Bail out! no disk', '1..1'],
  ]) {
    const { score, tests } = read(...lines);
    assert.equal(score, null, lines.join(', '));
    assert.equal(tests.at(-1)?.status, 'error', lines.join(', '));
  }
});

test('readTap() has a score for TAP 13 without a plan, as clients do, and for what bails out behind its plan', () => {
  for (const lines of [
    ['TAP version 13', 'ok 1', 'not ok 2'],
    ['TAP version 13', 'ok 1', 'not  ok 2'],
    ['ok 1', 'not ok 2'],
    ['1..2', 'ok 1', 'Bail out!'],
  ])
    assert.deepEqual(read(...lines).score, { earned: 1, available: 2 }, lines.join(', '));
});

test('readTap() takes a failing SKIP or TODO for no failure; points go by ok alone', () => {
  const report = read(
    '1..4',
    'not ok 1 # TODO later',
    'not ok 2 # SKIP no net',
    'ok 3 # SKIP',
    'ok 4 # TODO done',
  );
  assert.deepEqual(
    report.tests.map(({ status, score, message }) => [status, score, message]),
    [
      ['skipped', 0, 'TODO later'],
      ['skipped', 0, 'SKIP no net'],
      ['skipped', 1, 'SKIP'],
      ['passed', 1, 'TODO done'],
    ],
  );
  assert.deepEqual(report.score, { earned: 2, available: 4 });
});

test('readTap() ends at a bail out, also at one in a subtest, but not at one in a YAML block', () => {
  assert.equal(
    statuses('1..3', 'ok 1', 'Bail out! no disk', 'ok 2'),
    '1 passed, 2 failed, 3 failed, bail-out error',
  );
  assert.equal(read('1..1', 'Bail out! no disk').tests.at(-1)?.message, 'no disk');
  assert.equal(
    statuses('TAP version 14', '1..1', '    ok 1', '    Bail out!', 'ok 1'),
    '1 failed, bail-out error',
  );
  assert.equal(
    statuses('1..2', 'not ok 1', '  ---', '  output: |', '    Bail out!', '  ...', 'ok 2'),
    '1 failed, 2 passed',
  );
});

test('readTap() leaves subtests to their parents, and names the failed ones there', () => {
  const report = read(
    'TAP version 14',
    '1..2',
    '# Subtest: arithmetic',
    '    # Subtest: deeper',
    '        not ok 1 - deepest',
    '        1..1',
    '    not ok 1 - adds',
    '      ---',
    '      message: "ok 2"',
    '      ...',
    '    not ok 2 - later # TODO',
    '    ok 3 - subtracts',
    '    1..3',
    'not ok 1 - arithmetic',
    '  ---',
    '  weight: 3',
    '  ...',
    'ok 2 - rest',
  );
  assert.deepEqual(report.tests, [
    { id: '1', name: 'arithmetic', status: 'failed', score: 0, max_score: 3, message: 'Failed: adds' },
    { id: '2', name: 'rest', status: 'passed', score: 1, max_score: 1 },
  ]);
  assert.deepEqual(report.problems, []);
});

test('readTap() ignores indented tests in TAP 13, which has no subtests', () => {
  assert.deepEqual(read('TAP version 13', '1..1', '    not ok 1 x', '    Bail out!', 'not ok 1').tests, [
    { id: '1', name: 'test 1', status: 'failed', score: 0, max_score: 1 },
  ]);
});

test('readTap() reads YAML of any indent, only below its test, and to its end', () => {
  const block = (indent: string): string[] => [
    `${indent}---`,
    `${indent}weight: 4`,
    '',
    `${indent}message: ok 9`,
    `${indent}...`,
  ];
  for (const indent of [' ', '  ', '      ', '\t']) {
    const report = read('TAP version 13', 'ok 1', '# comment', '', ...block(indent), 'ok 2', '1..2');
    assert.deepEqual(report.score, { earned: 5, available: 5 }, JSON.stringify(indent));
    assert.equal(report.tests.length, 2);
  }
  assert.deepEqual(read('TAP version 13', 'ok 1', 'noise', ...block('  '), '1..1').score, {
    earned: 1,
    available: 1,
  });
  const open = read('1..2', 'ok 1', '  ---', '  weight: 4', 'ok 2');
  assert.deepEqual(open.score, { earned: 5, available: 5 });
  assert.deepEqual(open.problems, ['test 1: its YAML block has no end']);
  const broken = read('1..1', 'ok 1', '  ---', '  weight: [', '  ...');
  assert.deepEqual(broken.score, { earned: 1, available: 1 });
  assert.equal(broken.problems.length, 1);
});

test('readTap() reads any line ends', () => {
  for (const end of ['\n', '\r\n', '\r']) {
    const text = [
      'TAP version 13',
      '1..2',
      'ok 1 a',
      '  ---',
      '  weight: 3',
      '  ...',
      'not ok 2 b # TODO c',
      '',
    ].join(end);
    assert.deepEqual(readTap(text)?.tests, [
      { id: '1', name: 'a', status: 'passed', score: 3, max_score: 3 },
      { id: '2', name: 'b', status: 'skipped', score: 0, max_score: 1, message: 'TODO c' },
    ]);
  }
});
