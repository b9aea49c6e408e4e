import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  COLLATION_ID_CHARACTERS_MAX,
  FILES_MAX,
  KEY_BYTES_MAX,
  METADATA_BYTES_MAX,
  METADATA_ENTRIES_MAX,
  URL_BYTES_MAX,
} from './grading-job.ts';
import { cpuMsOf } from './testing/cpu-ms.ts';
import { validJob } from './testing/valid-job.ts';
import { assertAccepted, assertRefused, errorsOf, jobWith } from './testing/refuse-job.ts';

test('parseGradingJob() holds each limit at the limit and one past it', () => {
  const { submission } = validJob().files;
  const url = (length: number): string => `http://a/${'x'.repeat(length - 9)}`;
  const members = (count: number, value: unknown): unknown =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, value]));
  const rows: [path: string[], most: unknown, more: unknown, sentence: RegExp][] = [
    [['key'], 'ü'.repeat(KEY_BYTES_MAX / 2), `${'ü'.repeat(KEY_BYTES_MAX / 2)}x`, /^key: .*is 1025 bytes/],
    [
      ['collation', 'id'],
      '🦭'.repeat(COLLATION_ID_CHARACTERS_MAX),
      'x'.repeat(COLLATION_ID_CHARACTERS_MAX + 1),
      /^collation\.id: .*is 257/,
    ],
    [
      ['response_url'],
      url(URL_BYTES_MAX),
      url(URL_BYTES_MAX + 1),
      /^response_url: .* of at most 2048 bytes, .*is 2049 bytes$/,
    ],
    [
      ['response_url'],
      `${url(URL_BYTES_MAX - 3 * 600)}${'好'.repeat(600)}`,
      `${url(URL_BYTES_MAX - 3 * 600 + 1)}${'好'.repeat(600)}`,
      /^response_url: .* of at most 2048 bytes, .*is 2049 bytes$/,
    ],
    [
      ['response_url'],
      `http://${'a.'.repeat(126)}a/`,
      `http://${'a.'.repeat(126)}aa/`,
      /^response_url: .* with a hostname of at most 253 characters/,
    ],
    [
      ['files'],
      members(FILES_MAX, submission),
      members(FILES_MAX + 1, submission),
      /^files: must have at most 32 entries, has 33$/,
    ],
    [
      ['metadata_table'],
      members(METADATA_ENTRIES_MAX, ''),
      members(METADATA_ENTRIES_MAX + 1, ''),
      /^metadata_table: must have at most 64 entries, has 65$/,
    ],
    [
      ['metadata_table', 'a'],
      'x'.repeat(METADATA_BYTES_MAX),
      'x'.repeat(METADATA_BYTES_MAX + 1),
      /^metadata_table\.a: .*is 1025 bytes/,
    ],
  ];
  for (const [path, most, more, sentence] of rows) {
    assertAccepted(path, [most]);
    assertRefused(path, [more], sentence);
  }
});

test('parseGradingJob() says what nests too deep, and never overflows the stack', () => {
  const nest = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
  assert.deepEqual(errorsOf(nest(100_000)), ['body: nesting deeper than 64']);
  assert.deepEqual(errorsOf(jobWith(['metadata_table'], { a: nest(100_000) })), [
    'body: nesting deeper than 64',
  ]);
  assert.match(
    errorsOf(jobWith(['metadata_table'], { a: nest(50) })).join(),
    /^metadata_table\.a: .*is a list$/,
  );
  let script: unknown = [{ cmd: 'a' }];
  for (let level = 0; level < 2000; level++) script = [{ cmd: 'a', on_fail: script }];
  assert.deepEqual(errorsOf(jobWith(['script'], script)), ['script: script nests deeper than 16']);
});

test('parseGradingJob() tells ten problems of 300 characters at most, values cut to 80', () => {
  const long = 'x'.repeat(10_000);
  const names = Array.from({ length: 64 }, (_, index) => [`${index}${long}`, index]);
  const errors = errorsOf(jobWith(['metadata_table'], Object.fromEntries(names)));
  assert.equal(errors.length, 10);
  for (const error of errors) assert.ok(error.length <= 300, error);
  const [cut] = errorsOf(jobWith(['grader_image_sha'], long));
  assert.equal(
    cut,
    `grader_image_sha: must be a SHA-256: 64 digits of 0-9 and a-f, is the string "${'x'.repeat(79)}…"`,
  );
  assert.ok(errorsOf({ ...Object.fromEntries(names) }).length === 10);
});

test('parseGradingJob() stays quick on strings that make careless patterns slow', () => {
  const evil = `${'a'.repeat(50_000)}!`;
  const paths = [
    ['key'],
    ['collation', 'id'],
    ['files', 'submission', 'url'],
    ['files', evil],
    ['metadata_table', evil],
    ['response_url'],
    ['grader_image_sha'],
    [evil],
  ];
  for (const path of paths) {
    for (const value of [evil, ` ${evil}`, `http://${evil}`, `http://a/${' '.repeat(50_000)}`]) {
      const took = cpuMsOf(() => assert.notDeepEqual(errorsOf(jobWith(path, value)), []));
      // The target is 5 ms.
      assert.ok(took < 50, `${path[0]?.slice(0, 20)} took ${took} ms`);
    }
  }
});
