import assert from 'node:assert/strict';
import { test } from 'node:test';
import { percentilesOf } from './percentiles.ts';

test('percentilesOf() takes numbers that were measured, by the nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.deepEqual(percentilesOf(hundred), { p50: 50, p95: 95, max: 100 });
  assert.deepEqual(percentilesOf([7]), { p50: 7, p95: 7, max: 7 });
  assert.deepEqual(percentilesOf([1, 2]), { p50: 1, p95: 2, max: 2 });
  assert.throws(() => percentilesOf([]), RangeError);
});
