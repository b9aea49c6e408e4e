import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseImageOrder } from './image-order.ts';

const RULES = { allowRemoteAdd: false };

test('parseImageOrder() reads a Dockerfile as POST /grader_images does', () => {
  const order = { dockerfile_contents: 'FROM orca-grader-base\nCMD ["true"]\n' };
  const parsed = parseImageOrder(order, RULES);
  assert.partialDeepStrictEqual(parsed, { kind: 'valid', order });
  assert.ok(parsed.kind === 'valid' && parsed.notes.length > 0);
});

test('parseImageOrder() refuses what is no order, and a Dockerfile that may not be built', () => {
  const dockerfile_contents = 'FROM orca-grader-base\n';
  const rows: [value: unknown, sentence: RegExp][] = [
    [null, /^body: must be an object/],
    [{}, /^dockerfile_contents: /],
    [{ dockerfile_contents: 7 }, /^dockerfile_contents: /],
    [{ dockerfile_contents: 'FROM scratch\n' }, /^dockerfile_contents: line 1: /],
    [{ dockerfile_contents, response_url: 'http://course.example.edu/' }, /^response_url: unknown field/],
    [JSON.parse('['.repeat(100) + ']'.repeat(100)), /^body: nesting deeper than 64$/],
  ];
  for (const [value, sentence] of rows) {
    const parsed = parseImageOrder(value, RULES);
    assert.match(parsed.kind === 'invalid' ? parsed.errors.join('\n') : '', sentence);
  }
});
