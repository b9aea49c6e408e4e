import assert from 'node:assert/strict';
import { test } from 'node:test';
import { itemPath, memberPath, rootPath, sentenceAt } from './json-path.ts';

test('memberPath() and itemPath() write paths as people do, odd names quoted and cut', () => {
  const root = rootPath('');
  assert.equal(memberPath(memberPath(root, 'collation'), 'id').text, 'collation.id');
  assert.equal(
    itemPath(memberPath(itemPath(rootPath('script'), 2), 'on_fail'), 0).text,
    'script[2].on_fail[0]',
  );
  assert.equal(memberPath(memberPath(root, 'files'), 'a.b').text, 'files["a.b"]');
  assert.equal(memberPath(root, 'say "hi"\n').text, '["say \\"hi\\"\\n"]');
  assert.equal(memberPath(root, 'x'.repeat(200)).text, `["${'x'.repeat(79)}…"]`);
});

test('sentenceAt() calls the whole the body, and a place too deep by what is around it', () => {
  assert.equal(sentenceAt(rootPath(''), 'must be an object'), 'body: must be an object');
  let path = rootPath('script');
  for (let level = 0; level < 20; level++) path = memberPath(itemPath(path, 0), 'on_complete');
  const sentence = sentenceAt(path, `must be something else${'!'.repeat(500)}`);
  assert.match(sentence, /^script\[0\](\.on_complete\[0\])+(\.on_complete)?…: must be something else/);
  assert.equal(sentence.length, 300);
});
