import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Goal, goalRows, showFigure } from './goal.ts';

const atLeast = (value: number) => ({ kind: 'at_least', value }) as const;
const atMost = (value: number) => ({ kind: 'at_most', value }) as const;

for (const [figure, limit, digits, shown] of [
  [0.9, atLeast(0.9), 2, '0.90'],
  [0.904, atLeast(0.9), 2, '0.90'],
  [0.8971, atLeast(0.9), 2, '0.897'],
  [0.89996, atLeast(0.9), 2, '0.89996'],
  [0.894, atLeast(0.9), 2, '0.89'],
  [1.104, atMost(1.1), 2, '1.104'],
  [1.096, atMost(1.1), 2, '1.10'],
  [80.4, atMost(80), 0, '80.4'],
  [79.6, atMost(80), 0, '80'],
] as const)
  test(`showFigure() shows ${figure} as ${shown} next to ${limit.kind} ${limit.value}`, () => {
    assert.equal(showFigure({ figure, limit }, digits), shown);
  });

test('goalRows() shows no figure that seems to meet what it misses', () => {
  const goal = (figure: number, unit: Goal['unit'], limit: Goal['limit']): Goal => ({
    ...{ sentence: 'it is quick', figure, unit, limit },
  });
  assert.deepEqual(goalRows([goal(0.8971, '', atLeast(0.9)), goal(80.4, 'ms', atMost(80))]).slice(1), [
    ['it is quick', 'at least 0.9', '0.897', '**missed**'],
    ['it is quick', 'at most 80 ms', '80.4 ms', '**missed**'],
  ]);
});
