import assert from 'node:assert/strict';
import { test } from 'node:test';
import { depthCurve } from './depth-curve.ts';
import { measureWaits, percentilesOf } from './measure-waits.ts';

/** Ada submits twice, and her second submission is graded first; Bob once. */
const TIMES = {
  arrivals: Float64Array.of(0, 2, 4),
  claims: Float64Array.of(20, 10, 2),
  ends: Float64Array.of(30, 20, 10),
};

test('measureWaits() measures every submission, and of each student the last one', () => {
  const times = { ...TIMES, claims: Float64Array.of(20, 10, 4) };
  assert.deepEqual(measureWaits(times, ['ada', 'bob', 'ada'], 2), {
    submissions: { p50: 8, p95: 20, max: 20 },
    students: { p50: 0, p95: 8, max: 8 },
    answers: { p50: 6, p95: 18, max: 18 },
    makespanSeconds: 30,
    utilisation: 26 / 60,
  });
});

test('percentilesOf() takes the nearest rank', () => {
  const hundred = Float64Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.deepEqual(percentilesOf(hundred), { p50: 50, p95: 95, max: 100 });
  assert.deepEqual(percentilesOf(Float64Array.of(3)), { p50: 3, p95: 3, max: 3 });
  assert.deepEqual(percentilesOf(new Float64Array()), { p50: 0, p95: 0, max: 0 });
});

test('depthCurve() counts the most that waited and that were graded in each step', () => {
  const curve = depthCurve(
    {
      arrivals: Float64Array.of(0, 1, 1, 12),
      claims: Float64Array.of(0, 5, 10, 25),
      ends: Float64Array.of(5, 10, 15, 30),
    },
    6,
  );
  assert.deepEqual(curve, {
    stepSeconds: 5,
    waiting: [2, 2, 1, 1, 1, 1],
    grading: [1, 1, 1, 1, 0, 1],
  });
});

test('depthCurve() has nothing waiting where all are claimed as they come', () => {
  const { arrivals } = TIMES;
  const curve = depthCurve({ arrivals, claims: arrivals, ends: Float64Array.of(1, 3, 5) }, 5);
  assert.deepEqual(curve.waiting, [0, 0, 0, 0, 0]);
  assert.deepEqual(curve.grading, [1, 1, 1, 1, 1]);
});
