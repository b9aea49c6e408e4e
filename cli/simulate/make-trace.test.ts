import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawGradingTime, parseGradingTimes } from './grading-times.ts';
import { type Course, makeTrace } from './make-trace.ts';
import { percentilesOf } from './measure-waits.ts';
import { createRandom } from './random.ts';

const COURSE: Course = {
  students: 200,
  repeatersPercent: 10,
  repeats: 5,
  windowSeconds: 3_600,
  shape: 'rush',
  gradingTimes: { kind: 'constant', seconds: 4 },
  seed: 7,
};

test('makeTrace() has every student submit once and the repeaters as often as is said, in order and in time', () => {
  const trace = makeTrace(COURSE);
  const counts = Map.groupBy(trace, ({ submitter }) => submitter)
    .values()
    .map((submissions) => submissions.length)
    .toArray();
  assert.equal(counts.filter((count) => count === 5).length, 20);
  assert.equal(counts.filter((count) => count === 1).length, 180);
  const times = trace.map(({ atSeconds }) => atSeconds);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.ok(times.every((time) => time >= 0 && time <= COURSE.windowSeconds));
});

test('makeTrace() makes the same course for the same seed, and another one for another', () => {
  assert.deepEqual(makeTrace(COURSE), makeTrace(COURSE));
  assert.notDeepEqual(makeTrace(COURSE), makeTrace({ ...COURSE, seed: 8 }));
});

test('makeTrace() puts two of three submissions into the last sixth of a rush, and one of six when they come evenly', () => {
  const shareOfLast = (shape: Course['shape']): number => {
    const trace = makeTrace({ ...COURSE, shape, students: 20_000, repeatersPercent: 0 });
    return trace.filter(({ atSeconds }) => atSeconds > 3_000).length / trace.length;
  };
  assert.ok(Math.abs(shareOfLast('rush') - 0.634) < 0.02, String(shareOfLast('rush')));
  assert.ok(Math.abs(shareOfLast('even') - 1 / 6) < 0.02, String(shareOfLast('even')));
});

test('parseGradingTimes() reads a time, two bounds, or a median and a 95th percentile', () => {
  assert.deepEqual(parseGradingTimes('5'), { kind: 'constant', seconds: 5 });
  assert.deepEqual(parseGradingTimes('0.5-20'), { kind: 'between', min: 0.5, max: 20 });
  assert.deepEqual(parseGradingTimes('4/20'), { kind: 'spread', median: 4, p95: 20 });
  for (const text of ['', 'x', '-5', '5-', '20-2', '20/4', '0/4', '1-2-3', '1e3'])
    assert.throws(() => parseGradingTimes(text), /It must be seconds such as 5/, text);
});

test('drawGradingTime() draws what it was told', () => {
  const draw = (text: string): Float64Array => {
    const random = createRandom(1);
    const times = parseGradingTimes(text);
    return Float64Array.from({ length: 20_000 }, () => drawGradingTime(times, random));
  };
  const spread = percentilesOf(draw('4/20'));
  assert.ok(Math.abs(spread.p50 - 4) < 0.2 && Math.abs(spread.p95 - 20) < 1.5, JSON.stringify(spread));
  const between = draw('2-20');
  assert.ok(between.every((seconds) => seconds >= 2 && seconds <= 20));
  assert.ok(Math.abs(percentilesOf(between).p50 - 11) < 0.5);
  assert.ok(draw('5').every((seconds) => seconds === 5));
});
