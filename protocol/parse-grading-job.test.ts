import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientOf, delaySecondsOf } from './grading-job.ts';
import { parseGradingJob } from './parse-grading-job.ts';
import { validJob } from './testing/valid-job.ts';
import { assertAccepted, assertRefused, errorsOf, jobWith } from './testing/refuse-job.ts';

test('parseGradingJob() gives back the very value', () => {
  const job = validJob();
  const parsed = parseGradingJob(job);
  assert.ok(parsed.kind === 'valid');
  assert.equal(parsed.job, job);
  assert.deepEqual(parsed.warnings, []);
});

test('parseGradingJob() warns of container_response_url, and checks it', () => {
  const parsed = parseGradingJob(jobWith(['container_response_url'], 'https://a.example/x'));
  assert.deepEqual(parsed.kind === 'valid' && parsed.warnings, [
    'container_response_url: accepted and not used, nothing in a container posts',
  ]);
  assertRefused(
    ['container_response_url'],
    [3, 'x'],
    /^container_response_url: must be an http or https URL/,
  );
});

test('parseGradingJob() names each required member that is missing, null, of a wrong type or empty', () => {
  const required: [path: string[], shown: string, canBeEmpty?: 'empty'][] = [
    [['key'], 'key'],
    [['collation'], 'collation'],
    [['collation', 'type'], 'collation.type'],
    [['collation', 'id'], 'collation.id'],
    [['metadata_table'], 'metadata_table', 'empty'],
    [['files'], 'files', 'empty'],
    [['files', 'submission', 'url'], 'files.submission.url'],
    [['files', 'submission', 'mime_type'], 'files.submission.mime_type'],
    [['files', 'submission', 'should_replace_paths'], 'files.submission.should_replace_paths'],
    [['priority'], 'priority'],
    [['script'], 'script'],
    [['response_url'], 'response_url'],
    [['grader_image_sha'], 'grader_image_sha'],
  ];
  for (const [path, shown] of required) {
    const begin = new RegExp(`^${shown.replaceAll('.', '\\.')}: `);
    assert.match(errorsOf(jobWith(path))[0] ?? '', new RegExp(`${begin.source}is missing; must be `));
    assertRefused(path, [null, '', []], begin);
    assertRefused(path, path.at(-1) === 'priority' ? ['60', true, {}] : [7], begin);
  }
  assert.deepEqual(errorsOf(jobWith(['collation'], {})), [
    'collation.type: is missing; must be "user" or "team"',
    'collation.id: is missing; must be a string of 1 to 256 characters',
  ]);
  assertAccepted(['metadata_table'], [{}]);
  assertAccepted(['files'], [{}]);
});

test('parseGradingJob() refuses unknown members at each level, with the nearest name', () => {
  const rows: [path: string[], sentence: string][] = [
    [['responce_url'], 'responce_url: unknown field "responce_url"; did you mean "response_url"?'],
    [['colation'], 'colation: unknown field "colation"; did you mean "collation"?'],
    [['collation', 'ID'], 'collation.ID: unknown field "ID"; did you mean "id"?'],
    [['collation', 'name'], 'collation.name: unknown field "name"; known are type, id'],
    [
      ['files', 'submission', 'mimetype'],
      'files.submission.mimetype: unknown field "mimetype"; did you mean "mime_type"?',
    ],
    [
      ['constructor'],
      /* no member of the prototype is known */ 'constructor: unknown field "constructor"; known are key,',
    ],
  ];
  for (const [path, sentence] of rows) {
    const errors = errorsOf(jobWith(path, 'x'));
    assert.equal(errors.length, 1);
    assert.ok(errors[0]?.startsWith(sentence), errors[0]);
  }
});

test('parseGradingJob() tells a misspelt required field once, not as unknown and missing', () => {
  const { response_url, ...rest } = validJob();
  assert.deepEqual(errorsOf({ ...rest, responce_url: response_url }), [
    'responce_url: unknown field "responce_url"; did you mean "response_url"?',
  ]);
});

test('parseGradingJob() refuses __proto__ as a name anywhere, and takes other odd names as plain data', () => {
  const admin = { admin: true };
  for (const path of [[], ['collation'], ['metadata_table'], ['files'], ['files', 'submission']]) {
    assertRefused([...path, '__proto__'], [admin], /__proto__/);
  }
  const { submission } = validJob().files;
  assertAccepted(['files'], [{ constructor: submission, hasOwnProperty: submission, toString: submission }]);
  assertAccepted(['metadata_table'], [{ constructor: 'x', prototype: 'y', hasOwnProperty: 'z' }]);
  assertAccepted(['metadata_table'], [{ constructor: 'x', prototype: 'y', 'a\nb': 'z' }]);
  assert.equal(Reflect.get({}, 'admin'), undefined);
});

test('parseGradingJob() tells what is wrong with the script with all else', () => {
  const job = jobWith(['script'], [{ cmd: 'a', on_fail: 'b' }]);
  assert.deepEqual(errorsOf(Object.assign({}, job, { priority: '1' })), [
    'priority: must be a finite number of at most 604800, is the string "1"',
    'script[0].on_fail: no command is labelled "b"',
  ]);
});

test('clientOf() is the hostname in lower case, without the port', () => {
  assert.equal(clientOf('HTTPS://Course.Example.EDU:8443/x'), 'course.example.edu');
  assert.equal(clientOf('http://[::1]:3/'), '[::1]');
});

test('delaySecondsOf() counts a priority below 0 as 0', () => {
  assert.deepEqual(
    [-1, 0, 1.5].map((priority) => delaySecondsOf({ priority })),
    [0, 0, 1.5],
  );
});
