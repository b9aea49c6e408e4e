import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCALES, withStudents } from './scale.ts';

test('withStudents() takes a part of the night: fewer students, as many a second', () => {
  const part = withStudents(SCALES.full, 60);
  assert.deepEqual(part, { ...SCALES.full, students: 60, windowSeconds: 12 });
  assert.deepEqual(withStudents(SCALES.full, 300), SCALES.full);
});
