import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type QueueFigures, ratioOf, rotated, spreadOf } from './figures.ts';
import { judgeGoals } from './goals.ts';

test('spreadOf() takes the middle one, or the mean of the two in the middle', () => {
  assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3 });
  assert.deepEqual(spreadOf([4, 1, 2, 10]), { median: 3, min: 1, max: 10 });
  assert.throws(() => spreadOf([]), RangeError);
});

test('ratioOf() compares round by round, so that a slow round of both counts as any other', () => {
  assert.deepEqual(ratioOf([100, 10, 300], [50, 5, 100]), { median: 2, min: 2, max: 3 });
});

test('rotated() lets another one come first in each round', () => {
  assert.deepEqual(rotated(['a', 'b', 'c'], 4), ['b', 'c', 'a']);
});

test('judgeGoals() finds what is missed: a slower rate, and a claim that grows with the line', () => {
  const missed = judgeGoals(figures({ orca: 69, longClaimMs: 1.3 })).filter(({ isMet }) => !isMet);
  assert.deepEqual(
    missed.map(({ sentence }) => sentence),
    [
      'claim and finish with 10 waiting, next to the same statements by hand',
      'claim and finish with 1000 waiting, next to the same statements by hand',
      'time of a claim with 1000 waiting, next to one with 10',
    ],
  );
  assert.ok(judgeGoals(figures({ orca: 70, longClaimMs: 1.2 })).every(({ isMet }) => isMet));
});

/** By hand makes 100 runs a second, the libraries 50 and in batches 500; enqueueing is always well. */
function figures({ orca, longClaimMs }: { orca: number; longClaimMs: number }): QueueFigures {
  const libraries = { 'pg-boss': 50, 'graphile-worker': 50 };
  const inBatches = { 'pg-boss, batches of 50': 500, 'graphile-worker, local queue': 500 };
  const enqueue = { Orca: 100, 'the same statements by hand': 100, 'a bare insert': 150, ...libraries };
  const run = { Orca: orca, 'the same statements by hand': 100, ...libraries, ...inBatches };
  const seriesOf = (work: QueueFigures['series'][number]['work'], rates: Record<string, number>) =>
    Object.entries(rates).map(([name, rate]) => ({ work, name, rates: [rate] }));
  return {
    scale: 'tiny',
    series: [
      ...seriesOf({ kind: 'enqueue' }, enqueue),
      ...[10, 1000].flatMap((waiting) => seriesOf({ kind: 'run', waiting }, run)),
    ],
    claims: [
      { waiting: 10, medians: [1] },
      { waiting: 1000, medians: [longClaimMs] },
    ],
  };
}
