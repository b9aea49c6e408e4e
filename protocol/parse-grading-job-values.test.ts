import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DELAY_SECONDS_MAX, KEY_BYTES_MAX } from './grading-job.ts';
import { parseGradingJob } from './parse-grading-job.ts';
import { validJob } from './testing/valid-job.ts';
import { assertAccepted, assertRefused, errorsOf, jobWith } from './testing/refuse-job.ts';

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
    /^response_url: must be an http or https URL of at most 2048 bytes, with a hostname of at most 253 characters, without user and password$/,
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
      // 800 letters of Katakana, which take 818 characters as `xn--…`.
      `http://${'㌀'.repeat(200)}/`,
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
