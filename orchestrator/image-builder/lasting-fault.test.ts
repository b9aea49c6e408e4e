import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLasting } from './lasting-fault.ts';
import { NoteError } from './pulled-images.ts';

test('isLasting() lets no build pay for a folder where what it fetches cannot be noted', () => {
  const cause = Object.assign(new Error('read-only'), { code: 'EROFS' });
  assert.ok(isLasting(new NoteError('/images/pulled', cause)));
  assert.ok(!isLasting(cause));
});
