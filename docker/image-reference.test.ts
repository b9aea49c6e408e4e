import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitReference } from './image-reference.ts';

test("splitReference() tells a tag from a registry's port", () => {
  assert.deepEqual(splitReference('ubuntu:22.04'), { repository: 'ubuntu', tag: '22.04' });
  assert.deepEqual(splitReference('orca-grader-base'), { repository: 'orca-grader-base', tag: 'latest' });
  assert.deepEqual(splitReference('127.0.0.1:5000/x'), { repository: '127.0.0.1:5000/x', tag: 'latest' });
  assert.deepEqual(splitReference('127.0.0.1:5000/x:1'), { repository: '127.0.0.1:5000/x', tag: '1' });
});

test('splitReference() takes a digest for the tag, as the engine does', () => {
  const digest = `sha256:${'ab'.repeat(32)}`;
  assert.deepEqual(splitReference(`a:5000/x@${digest}`), { repository: 'a:5000/x', tag: digest });
  assert.deepEqual(splitReference(`x:1@${digest}`), { repository: 'x:1', tag: digest });
});
