import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  MESSAGE_CHARACTERS_MAX,
  MISSING_TESTS_LISTED_MAX,
  NAME_CHARACTERS_MAX,
  OUTPUT_CHARACTERS_MAX,
  readTap,
} from './read-tap.ts';
import { TAP_TESTS_MAX } from './tap-document.ts';
import { cpuMsOf } from './testing/cpu-ms.ts';

function read(...lines: string[]): NonNullable<ReturnType<typeof readTap>> {
  return readTap(lines.join('\n')) ?? assert.fail('no TAP');
}

/** Number and status of each test: what most rows are about. */
function statuses(...lines: string[]): string {
  return read(...lines)
    .tests.map(({ id, status }) => `${id} ${status}`)
    .join(', ');
}

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

test('readTap() misses the plan in TAP 14, not in 13', () => {
  assert.equal(statuses('TAP version 13', 'ok 1'), '1 passed');
  assert.equal(statuses('TAP version 14', 'ok 1'), '1 passed, plan error');
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

test('readTap() bounds tests, missing tests and texts', () => {
  const many = read(
    '1..100001',
    ...Array.from({ length: TAP_TESTS_MAX + 1 }, (_, index) => `ok ${index + 1}`),
  );
  assert.equal(many.tests.length, TAP_TESTS_MAX + 1);
  assert.match(many.problems.join(), /1 tests after the first 100000 were left out/);
  const planned = read('1..999999999', 'ok 1');
  assert.equal(planned.tests.length, 1 + MISSING_TESTS_LISTED_MAX);
  assert.deepEqual(planned.score, { earned: 1, available: 999_999_999 });
  const long = 'x'.repeat(20_000);
  const yaml = `{"message":"${long}","stack":"${'y'.repeat(10_000)}"}`;
  const [first] = read('1..1', `not ok 1 ${long}`, '  ---', `  ${yaml}`, '  ...').tests;
  assert.equal(first?.name.length, NAME_CHARACTERS_MAX);
  assert.equal(first?.message?.length, MESSAGE_CHARACTERS_MAX);
  assert.equal(first?.output?.length, 10_000);
  assert.ok(OUTPUT_CHARACTERS_MAX >= 10_000);
});

/** Lines of TAP and near it, in any order and indent. */
const tapLine = fc
  .tuple(
    fc.constantFrom('', '', '', '  ', '    ', '      ', '\t'),
    fc.oneof(
      fc.constantFrom(
        '---',
        '...',
        '',
        'Bail out!',
        'TAP version 14',
        'TAP version 13',
        'weight: 2',
        'weight: 1e308',
        'a: &x [*x]',
        '# TOTAL POINTS: 5',
        '# Subtest: x',
        '\0',
      ),
      fc.nat(12).map((count) => `1..${count}`),
      fc
        .tuple(
          fc.constantFrom('ok', 'not ok'),
          fc.nat(12),
          fc.string({ maxLength: 20 }),
          fc.constantFrom('', ' # SKIP', ' # TODO x'),
        )
        .map(([word, number, name, directive]) => `${word} ${number} ${name}${directive}`),
      fc.string({ unit: 'binary', maxLength: 30 }),
    ),
  )
  .map(([indent, line]) => indent + line);

test('readTap() never throws, and its records and points always add up', () => {
  let reports = 0;
  fc.assert(
    fc.property(fc.array(tapLine, { maxLength: 40 }), (lines) => {
      const report = readTap(lines.join('\n'));
      if (report === null) return;
      reports++;
      const { tests, score } = report;
      for (const { score: earned = 0, max_score: most = 0 } of tests)
        assert.ok(0 <= earned && earned <= most);
      if (score)
        assert.ok(0 <= score.earned && score.earned <= score.available && Number.isFinite(score.available));
      assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
    }),
    { numRuns: 3000 },
  );
  assert.ok(reports > 1000, `${reports} of 3000 were TAP`);
});

test('readTap() never throws on arbitrary text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      readTap(text);
      readTap(`TAP version 13\nok 1\n  ---\n  ${text}\n  ...\n`);
    }),
    { numRuns: 1000 },
  );
});

test('readTap() takes bounded time for a mebibyte of what is hard to read', () => {
  const hard = ['"', '&a ', '- ', '? ', 'a:\n  ', '[ '];
  for (const piece of hard) {
    const block = `  ---\n  ${piece.repeat(10_000)}\n  ...\n`;
    const text = Array.from(
      { length: Math.ceil(1e6 / block.length) },
      (_, index) => `ok ${index + 1}\n${block}`,
    );
    const took = cpuMsOf(() => assert.notEqual(readTap(text.join('')), null));
    assert.ok(took < 15_000, `${piece} took ${took} ms`);
  }
});
