import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareResult } from './compare-result.ts';
import type { ExpectedResult } from './expected-result.ts';
import type { ReceivedResult } from './read-post.ts';

const EXPECTED: ExpectedResult = {
  outcome: 'graded',
  errorCodes: [],
  commands: [
    { label: 'compile', status: 0, limit: null },
    { label: 'tests', status: null, limit: 'time' },
  ],
  passed: ['one'],
  failed: ['two'],
  score: { earned: 1, available: 3 },
};

const RECEIVED: ReceivedResult = {
  commands: [
    { cmd: 'make', status: 0, limit: null, sentence: null, stderr: '' },
    { cmd: ['run', 'tests'], status: null, limit: 'time', sentence: 'killed after 5 s', stderr: '' },
  ],
  errors: [],
  errorCodes: [],
  tests: [
    { name: 'one', status: 'passed' },
    { name: 'two', status: 'error' },
  ],
  score: { earned: 1, available: 3 },
  timings: new Map(),
};

const COMMANDS = new Map<string, unknown>([
  ['compile', 'make'],
  ['tests', ['run', 'tests']],
]);
const SENTENCE = 'Your job has been graded.';

function differences(changes: Partial<ReceivedResult>, sentence = SENTENCE): string[] {
  const received = { result: { ...RECEIVED, ...changes }, sentence };
  return compareResult(EXPECTED, received, { commands: COMMANDS, sentence: SENTENCE });
}

test('compareResult() finds nothing where all is as expected', () => {
  assert.deepEqual(differences({}), []);
});

for (const [what, changes, says] of [
  [
    'another error',
    { errorCodes: ['LimitExceeded'] },
    /^error_codes: \[\] was expected, \["LimitExceeded"\]/,
  ],
  ['no score', { score: null }, /^score: \{"earned":1,"available":3\} was expected, null came$/],
  ['another score', { score: { earned: 2, available: 3 } }, /^score: /],
  ['a missing command', { commands: RECEIVED.commands.slice(0, 1) }, /compile \(status 0\) ran$/],
  ['no command', { commands: [] }, /; none ran$/],
  [
    'another status',
    {
      commands: [
        { cmd: 'make', status: 2, limit: null, sentence: null, stderr: '' },
        ...RECEIVED.commands.slice(1),
      ],
    },
    /compile \(status 2\), tests \(time-out, limit: time\) ran$/,
  ],
  [
    'a command that the script does not have',
    { commands: [{ cmd: 'rm', status: 0, limit: null, sentence: null, stderr: '' }] },
    /"rm" \(status 0\) ran$/,
  ],
] as const)
  test(`compareResult() names ${what}`, () => {
    const found = differences(changes);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', says);
  });

test('compareResult() names each test that went otherwise', () => {
  assert.deepEqual(
    differences({
      tests: [
        { name: 'two', status: 'passed' },
        { name: 'three', status: 'failed' },
      ],
    }),
    [
      'tests: "one" should have passed',
      'tests: "two" should not have passed',
      'tests: "two" should have failed',
      'tests: "three" should not have failed',
    ],
  );
});

test('compareResult() names a job that did not end as it should, and a result without tests', () => {
  assert.match(differences({}, 'Your job was cancelled.')[0] ?? '', /^status: .*graded.*cancelled/);
  assert.equal(differences({ tests: null }).length, 2);
});
