import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeJob } from '../testing/make-job.ts';
import { labelsOf, labelText } from './label-job.ts';

test('labelsOf() has client, collation and metadata, and nothing that a job keeps secret', () => {
  assert.deepEqual(JSON.parse(labelsOf(makeJob({ key: 's3cret', user: 'ada', content: 'x' }))), {
    client: 'course.example.edu',
    collation: { type: 'user', id: 'ada' },
    metadata: { content: 'x' },
  });
});

test('labelText() replaces what jsonb does not hold, in names and values', () => {
  const odd = labelText({ collation: { id: '\0' }, metadata: { 'a\ud800': 'b\0', __proto__: 'none' } });
  assert.deepEqual(JSON.parse(odd), { collation: { id: '\ufffd' }, metadata: { 'a\ufffd': 'b\ufffd' } });
});
