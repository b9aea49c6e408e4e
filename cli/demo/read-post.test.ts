import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPost } from './read-post.ts';

test('readPost() knows a status update', () => {
  assert.deepEqual(readPost('{"key":"k","status":{"location":"Worker","id":3}}'), {
    kind: 'status',
    key: 'k',
    location: 'Worker',
  });
});

test('readPost() reads a result with all that is new in it', () => {
  const body = JSON.stringify({
    key: 'k',
    shell_responses: [
      { cmd: ['a', 'b'], stdout: '', stderr: 'oops', status_code: 0 },
      { cmd: 'sleep 9', status_code: null, limit: { kind: 'time', sentence: 'killed after 5 s' } },
    ],
    errors: ['LimitExceeded: too much'],
    error_codes: ['LimitExceeded'],
    tests: [
      { id: '1', name: 'one', status: 'passed' },
      { id: '2', name: 'two', status: 'failed', message: 'no' },
    ],
    score: { earned: 1, available: 2 },
    timings: { queued_ms: 3, total_ms: 4.5 },
  });
  assert.deepEqual(readPost(body), {
    kind: 'result',
    key: 'k',
    result: {
      commands: [
        { cmd: ['a', 'b'], status: 0, limit: null, sentence: null, stderr: 'oops' },
        { cmd: 'sleep 9', status: null, limit: 'time', sentence: 'killed after 5 s', stderr: '' },
      ],
      errors: ['LimitExceeded: too much'],
      errorCodes: ['LimitExceeded'],
      tests: [
        { name: 'one', status: 'passed' },
        { name: 'two', status: 'failed', message: 'no' },
      ],
      score: { earned: 1, available: 2 },
      timings: new Map([
        ['queued_ms', 3],
        ['total_ms', 4.5],
      ]),
    },
  });
});

test('readPost() takes what has errors only for a result, and one without tests for one without', () => {
  const post = readPost('{"key":"k","errors":["JobCancelled: so"]}');
  assert.ok(post.kind === 'result');
  assert.equal(post.result.tests, null);
  assert.equal(post.result.score, null);
  assert.deepEqual(post.result.commands, []);
});

test('readPost() knows how the build of an image ended', () => {
  const body = '{"was_successful":true,"logs":[{"step":"a","output":"b"},"no object"]}';
  assert.deepEqual(readPost(body), {
    kind: 'build',
    outcome: {
      wasSuccessful: true,
      logs: [
        { step: 'a', output: 'b', error: '' },
        { step: '', output: '', error: '' },
      ],
    },
  });
});

for (const body of [
  '',
  'no json',
  '[]',
  'null',
  '{"key":1,"errors":[]}',
  '{"key":"k"}',
  '{"key":"k","status":3}',
])
  test(`readPost() makes nothing of ${JSON.stringify(body)}`, () => {
    assert.deepEqual(readPost(body), { kind: 'unknown' });
  });
