import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiFailure } from './api-failure.ts';
import { BODY_BYTES_MAX, JSON_DEPTH_MAX, parseJsonBody } from './read-json-body.ts';

function failureOf(body: string | Buffer): ApiFailure {
  try {
    parseJsonBody(Buffer.from(body));
  } catch (error) {
    if (error instanceof ApiFailure) return error;
    throw error;
  }
  return assert.fail('the body was accepted');
}

test('parseJsonBody() reads JSON, odd names included, and changes no prototype', () => {
  const text = '{"constructor":{"prototype":{"a":1}},"hasOwnProperty":1,"toString":[],"ü\\u0000":"🐋"}';
  assert.deepEqual(parseJsonBody(Buffer.from(text)), JSON.parse(text));
  assert.equal(Reflect.get({}, 'a'), undefined);
});

test('parseJsonBody() tells an empty body from a malformed one', () => {
  assert.equal(failureOf('').code, 'missing_body');
  for (const text of [' ', '{', '{"a":}', "{'a':1}", 'undefined', '{"a":1}x', '[1,]', 'NaN']) {
    assert.equal(failureOf(text).code, 'invalid_json', text);
  }
});

test('parseJsonBody() repeats nothing of the body', () => {
  for (const text of ['{"key": s3cret}', '{"key":"s3cret" "x"}', 's3cret', '{"s3cret"}']) {
    assert.doesNotMatch(failureOf(text).sentences.join(), /s3cr|"x"/, text);
  }
});

test('parseJsonBody() refuses what is not UTF-8: a key has to come back byte for byte', () => {
  const latin1 = Buffer.from('{"key":"é"}', 'latin1');
  assert.match(failureOf(latin1).sentences.join(), /UTF-8/);
});

test('parseJsonBody() takes the deepest nesting allowed and no deeper', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  assert.deepEqual(parseJsonBody(Buffer.from(nested(2))), [[]]);
  parseJsonBody(Buffer.from(nested(JSON_DEPTH_MAX)));
  assert.match(failureOf(nested(JSON_DEPTH_MAX + 1)).sentences.join(), /deeper than 64/);
});

test('parseJsonBody() is done soon with the deepest nesting that a body can hold', () => {
  const depth = BODY_BYTES_MAX / 2;
  for (const text of [
    '['.repeat(depth) + ']'.repeat(depth),
    '['.repeat(2 * depth),
    '{"a":'.repeat(200_000),
  ]) {
    // Processor time: on a busy machine the wall clock runs on while the work does not.
    const before = process.cpuUsage();
    assert.equal(failureOf(text).code, 'invalid_json');
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 500_000, `${user + system} microseconds`);
  }
});

test('parseJsonBody() refuses the name __proto__ wherever and however it is written, with its path', () => {
  assert.match(failureOf('{"__proto__":{"admin":true}}').sentences.join(), /^the body: .*__proto__/);
  assert.match(failureOf('{"files":{"a":[1,{"__proto__":1}]}}').sentences.join(), /^files\.a\[1\]: /);
  assert.match(failureOf('{"a":{"\\u005f\\u005fproto__":{}}}').sentences.join(), /^a: /);
  assert.equal(Reflect.get({}, 'admin'), undefined);
  assert.deepEqual(parseJsonBody(Buffer.from('{"a":"__proto__"}')), { a: '__proto__' });
});
