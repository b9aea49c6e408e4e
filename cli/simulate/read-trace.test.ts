import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { USAGE_STATUS, UserError } from '../user-error.ts';
import { readTrace, traceLine } from './read-trace.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orca-trace-test-'));
});
after(() => rm(folder, { recursive: true }));

async function read(text: string) {
  const path = join(folder, 'trace');
  await writeFile(path, text);
  return await readTrace(path);
}

const ADA = { atSeconds: 0, submitter: 'ada', gradingSeconds: 4.5, delaySeconds: 0, isImmediate: false };
const BOB = { atSeconds: 2, submitter: 'bob', gradingSeconds: 3, delaySeconds: 60, isImmediate: true };

test('readTrace() reads JSON lines, in the order of their times, the first at 0', async () => {
  const lines = [
    '{"at": 12, "submitter": "bob", "seconds": 3, "priority": 60, "immediate": true, "course": "CS 1"}',
    '',
    '{"at": 10, "submitter": "ada", "seconds": 4.5}',
  ];
  assert.deepEqual(await read(lines.join('\n')), [ADA, BOB]);
});

test('readTrace() reads CSV with its columns in any order, and dates', async () => {
  const csv = `seconds, submitter, at, priority, immediate
4.5,ada,2026-11-28T23:00:00Z,,
3,bob,2026-11-28T23:00:02Z,60,true\r\n`;
  assert.deepEqual(await read(csv), [ADA, BOB]);
});

test('readTrace() takes a number that is a text for a number', async () => {
  const lines = [
    '{"at": "12.5", "submitter": "ada", "seconds": 4.5}',
    '{"at": 14.5, "submitter": "cleo", "seconds": 1}',
  ];
  assert.deepEqual(
    (await read(lines.join('\n'))).map(({ submitter, atSeconds }) => [submitter, atSeconds]),
    [
      ['ada', 0],
      ['cleo', 2],
    ],
  );
});

test('readTrace() reads what traceLine() writes', async () => {
  assert.deepEqual(await read([ADA, BOB].map(traceLine).join('')), [ADA, BOB]);
});

for (const [what, text, sentence] of [
  ['an empty file', '\n', /there is no submission in it/],
  ['no JSON', '{"at": 1,', /line 1: this is no JSON/],
  [
    'a missing time',
    '{"submitter": "ada", "seconds": 1}',
    /line 1: "at" must be a number of seconds, or a date/,
  ],
  ['a bad date', '{"at": "tomorrow", "submitter": "ada", "seconds": 1}', /line 1: "at" must/],
  ['a date of another form', 'at,submitter,seconds\n05/11/2026 23:59,a,1', /line 2: "at" must/],
  ['a day that there is not', 'at,submitter,seconds\n0,a,1\n2026-02-31,a,1', /line 3: "at" must/],
  ['no submitter', '{"at": 1, "seconds": 1}', /line 1: "submitter" must be a text/],
  ['a negative grading', '{"at": 1, "submitter": "a", "seconds": -1}', /line 1: "seconds" must be the time/],
  ['a delay in words', 'at,submitter,seconds,priority\n1,a,1,soon', /line 2: "priority" must be the delay/],
  ['a bad truth', 'at,submitter,seconds,immediate\n1,a,1,yes', /line 2: "immediate" must be true or false/],
  ['a header without a column', 'at,seconds\n1,1', /line 1: it must be a JSON object, or a CSV header/],
  ['a column too many', 'at,submitter,seconds,course\n', /line 1: there is no column "course"/],
  ['a cell too many', 'at,submitter,seconds\n1,a,1,1', /line 2: it has 4 cells, and the header 3/],
  ['quotes', 'at,submitter,seconds\n1,"a, b",1', /line 2: quotes are not understood/],
] as const)
  test(`readTrace() says where it found ${what}`, async () => {
    await assert.rejects(read(text), (error) => {
      assert.ok(error instanceof UserError && error.status === USAGE_STATUS);
      assert.match(error.message, sentence);
      return true;
    });
  });

test('readTrace() says that there is no such file', async () => {
  await assert.rejects(readTrace(join(folder, 'none')), /Cannot read ".*none": there is no such file/);
});
