import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPaint } from '../paint.ts';
import { renderJson } from './render-json.ts';
import { renderReport, type SubmissionReport } from './render-report.ts';

const plain = createPaint(false);

const PERFECT: SubmissionReport = {
  example: 'python',
  submission: 'perfect',
  result: {
    commands: [{ cmd: 'x', status: 0, limit: null, sentence: null, stderr: '' }],
    errors: [],
    errorCodes: [],
    tests: [{ name: 'one', status: 'passed' }],
    score: { earned: 10, available: 10 },
    timings: new Map([
      ['queued_ms', 3],
      ['image_ms', 0],
      ['files_ms', 12.4],
      ['container_ms', 250],
      ['unpack_ms', 31],
      ['commands_ms', 480],
      ['total_ms', 745.4],
    ]),
  },
  deliveredMs: 760.2,
  differences: [],
};

const LOOPING: SubmissionReport = {
  ...PERFECT,
  submission: 'endless-loop',
  result: {
    ...PERFECT.result,
    commands: [
      { cmd: 'x', status: null, limit: 'time', sentence: 'killed: ran longer than 5 s', stderr: '' },
    ],
    tests: [
      { name: 'one', status: 'passed' },
      { name: 'two', status: 'failed', message: 'expected 1\nmore' },
    ],
    score: null,
    timings: new Map(),
  },
};

test('renderReport() sets one row for each submission, numbers at the right', () => {
  const [, titles, perfect, looping] = renderReport([PERFECT, LOOPING], plain).split('\n');
  assert.equal(
    titles,
    'submission    tests passed    score  queued  image  files  container  unpack  commands  total  delivered',
  );
  assert.equal(
    perfect,
    'perfect             1 of 1  10 / 10       3      0     12        250      31       480    745        760',
  );
  assert.equal(
    looping,
    'endless-loop        1 of 2        –       –      –      –          –       –         –      –        760',
  );
});

test('renderReport() names the examples of submissions where there are several', () => {
  const report = renderReport([PERFECT, { ...PERFECT, example: 'c', differences: ['other'] }], plain);
  assert.match(
    report,
    /\npython\/perfect +1 of 1[\s\S]*\nc\/perfect +1 of 1[\s\S]*\nc\/perfect\n {2}other\n/,
  );
});

test('renderReport() names the limit and the failing tests of a submission, and says that all is as expected', () => {
  const report = renderReport([PERFECT, LOOPING], plain);
  assert.ok(report.includes('\nendless-loop\n  x: killed: ran longer than 5 s\n  two: expected 1\n'), report);
  assert.ok(!report.includes('\nperfect\n'), 'nothing to say about it');
  assert.match(report, /All 2 results are what expected\.json says\n$/);
});

test('renderReport() names the differences and counts the submissions that have them', () => {
  const report = renderReport([{ ...PERFECT, differences: ['score: 10 was expected'] }, LOOPING], plain);
  assert.ok(report.includes('\nperfect\n  score: 10 was expected\n'));
  assert.match(report, /1 of 2 results are not what expected\.json says\n$/);
});

test('renderReport() keeps what a submission printed off the terminal: control characters, endless lines', () => {
  const tests = [{ name: '\u001b[2Jbad\u202e', status: 'failed', message: 'x'.repeat(1000) }];
  const report = renderReport([{ ...PERFECT, result: { ...PERFECT.result, tests } }], plain);
  assert.ok(report.includes(`\n  [2Jbad: ${'x'.repeat(100)}…\n`), report);
});

test('renderReport() shows the last complaint of a command that failed, else its status', () => {
  const commands = [
    {
      cmd: ['python3', '-m', 'x'],
      status: 1,
      limit: null,
      sentence: null,
      stderr: 'Traceback\n  line 1\nSyntaxError: no\n',
    },
    { cmd: 'false', status: 1, limit: null, sentence: null, stderr: '' },
  ];
  const report = renderReport([{ ...PERFECT, result: { ...PERFECT.result, commands } }], plain);
  assert.ok(report.includes('\nperfect\n  python3 -m x: SyntaxError: no\n  false: status 1\n'), report);
});

test('renderJson() is one line of JSON, as expected only when all submissions are', () => {
  const text = renderJson([PERFECT, { ...PERFECT, submission: 'other', differences: ['score: 9, not 10'] }]);
  assert.match(text, /^[^\n]+\n$/);
  const { as_expected, submissions } = JSON.parse(text);
  assert.equal(as_expected, false);
  assert.deepEqual(
    submissions.map((one: { as_expected: boolean }) => one.as_expected),
    [true, false],
  );
  assert.deepEqual(submissions[0].score, { earned: 10, available: 10 });
  assert.equal(submissions[0].timings.container_ms, 250);
  assert.equal(submissions[0].delivered_ms, 760);
  assert.equal(JSON.parse(renderJson([PERFECT])).as_expected, true);
});
