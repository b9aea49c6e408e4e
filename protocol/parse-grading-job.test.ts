import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  COLLATION_ID_CHARACTERS_MAX,
  clientOf,
  DELAY_SECONDS_MAX,
  delaySecondsOf,
  FILES_MAX,
  KEY_BYTES_MAX,
  METADATA_BYTES_MAX,
  METADATA_ENTRIES_MAX,
  URL_CHARACTERS_MAX,
} from './grading-job.ts';
import { parseGradingJob } from './parse-grading-job.ts';
import { cpuMsOf } from './testing/cpu-ms.ts';
import { validJob } from './testing/valid-job.ts';

function errorsOf(value: unknown): string[] {
  const parsed = parseGradingJob(value);
  return parsed.kind === 'valid' ? [] : parsed.errors;
}

/** The job with one member, named by its path, set to a value, or taken away. */
function jobWith(path: readonly string[], value?: unknown): unknown {
  const job: unknown = JSON.parse(JSON.stringify(validJob()));
  let at: unknown = job;
  for (const name of path.slice(0, -1))
    at = typeof at === 'object' && at ? Reflect.get(at, name) : assert.fail();
  const last = path.at(-1) ?? assert.fail();
  if (typeof at !== 'object' || !at) assert.fail();
  if (value === undefined) Reflect.deleteProperty(at, last);
  else Object.defineProperty(at, last, { value, enumerable: true, configurable: true, writable: true });
  return job;
}

function assertRefused(path: readonly string[], values: readonly unknown[], sentence: RegExp): void {
  for (const value of values) {
    const errors = errorsOf(jobWith(path, value));
    assert.equal(
      errors.length,
      1,
      `${path.join('.')} = ${String(value).slice(0, 80)}: ${JSON.stringify(errors)}`,
    );
    assert.match(errors[0] ?? '', sentence);
  }
}

function assertAccepted(path: readonly string[], values: readonly unknown[]): void {
  for (const value of values) assert.deepEqual(errorsOf(jobWith(path, value)), [], path.join('.'));
}

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

test('parseGradingJob() coerces nothing: numbers', () => {
  assertAccepted(['priority'], [0, -1, -1e9, 0.5, DELAY_SECONDS_MAX]);
  const tooLarge: unknown = JSON.parse('1e400');
  assertRefused(
    ['priority'],
    [DELAY_SECONDS_MAX + 1, 1e9, tooLarge, 9007199254740992, '60', true],
    /^priority: must be a finite number of at most 604800, is /,
  );
  assertRefused(
    ['limits'],
    [{ pids: 1.5 }, { pids: '9' }, { pids: 31 }],
    /^limits\.pids: must be an integer of at least 32/,
  );
  assertRefused(
    ['limits'],
    [{ cpus: 0 }, { cpus: true }],
    /^limits\.cpus: must be a finite number of at least 0.01/,
  );
  assertRefused(['limits'], [{ wall_seconds: tooLarge }], /^limits\.wall_seconds: .*too large/);
  assertAccepted(['limits'], [{}, { wall_seconds: 1e9, cpus: 0.5, memory_mb: 64, disk_mb: 1, pids: 32 }]);
});

test('parseGradingJob() keeps a key byte for byte, whatever it holds but NUL and half characters', () => {
  let escaped = 'secret"\\';
  for (let level = 0; level < 6; level++) escaped = JSON.stringify(escaped);
  const keys = [
    "O'Brien",
    "'; DROP TABLE x;--",
    '%',
    '\\',
    '$1',
    '🦭',
    '\u202egnp',
    '__proto__',
    ' ',
    escaped,
  ];
  for (const key of keys) {
    const parsed = parseGradingJob(jobWith(['key'], key));
    assert.equal(parsed.kind === 'valid' && parsed.job.key, key);
  }
  assertRefused(['key'], ['a\0'], /^key: must not contain NUL$/);
  assertRefused(['key'], ['\ud83e'], /^key: must be Unicode/);
  assertRefused(['metadata_table', 'a'], ['\0'], /^metadata_table\.a: must not contain NUL$/);
  assertRefused(['metadata_table', 'a\0'], ['x'], /^metadata_table\["a\\u0000"\]: its name must be /);
});

test('parseGradingJob() shows no key and no URL in an error', () => {
  const key = `secret${'x'.repeat(KEY_BYTES_MAX)}`;
  assertRefused(['key'], [key], /^key: must be a string of 1 to 1024 bytes, is 1030 bytes$/);
  assertRefused(
    ['response_url'],
    ['secret', 'ftp://secret/', 'http://user:secret@h/'],
    /^response_url: must be an http or https URL of at most 2048 characters, without user and password$/,
  );
});

test('parseGradingJob() takes http and https URLs with a host, without user and password', () => {
  assertAccepted(
    ['response_url'],
    ['http://a', 'HTTPS://A.example:8443/x?y#z', 'http://127.0.0.1:8000/', 'http://[::1]/'],
  );
  assertRefused(
    ['response_url'],
    [
      '/x',
      'a.example',
      'file:///etc/passwd',
      'http://',
      'http:///x',
      'http:a',
      'http:\\\\a',
      'http://u@a',
      'http://:p@a',
      ' http://a',
      'http://a b/',
      'http://a:99999/',
      'javascript:1',
    ],
    /^response_url: must be an http or https URL/,
  );
});

test('parseGradingJob() takes as sha what is one', () => {
  const sha = 'grader_image_sha';
  assertRefused(
    [sha],
    ['a', '../../etc/passwd', 'ABC', 'A1'.repeat(32), `${'a'.repeat(64)}\n`, 'g'.repeat(64)],
    /^grader_image_sha: must be a SHA-256/,
  );
});

test('parseGradingJob() takes names of files that cannot leave their folder', () => {
  const { submission } = validJob().files;
  assertAccepted(['files'], [{ a: submission }, { 'A.b_c-9': submission }, { ['x'.repeat(64)]: submission }]);
  for (const name of ['..', '.', '.hidden', '/abs', 'a/b', '', ' ', 'a b', 'ä', 'a\n', 'x'.repeat(65)]) {
    assert.match(
      errorsOf(jobWith(['files'], { [name]: submission }))[0] ?? '',
      /^files[.[].*: its name must be/,
    );
  }
});

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
      url(URL_CHARACTERS_MAX),
      url(URL_CHARACTERS_MAX + 1),
      /^response_url: .*is 2049 characters/,
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

test('parseGradingJob() tells what is wrong with the script with all else', () => {
  const job = jobWith(['script'], [{ cmd: 'a', on_fail: 'b' }]);
  assert.deepEqual(errorsOf(Object.assign({}, job, { priority: '1' })), [
    'priority: must be a finite number of at most 604800, is the string "1"',
    'script[0].on_fail: no command is labelled "b"',
  ]);
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
