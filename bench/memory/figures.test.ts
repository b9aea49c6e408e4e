import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeMemory, medianOf, type ProcessFigures, thirdOf } from './figures.ts';

const GOOD: ProcessFigures = {
  ...{ name: 'worker', idle: 80, early: 100, late: 110, most: 150 },
  ...{ beforeFile: 100, file: 164, beforeOutput: 100, output: 164 },
};

test('judgeMemory() takes each limit, and refuses what is past it', () => {
  const verdicts = (changes: Partial<ProcessFigures>): boolean[] =>
    judgeMemory({
      ...{ scale: 'tiny', jobs: 1, jobsPerSecond: 1 },
      processes: [{ ...GOOD, ...changes }],
    }).map(({ isMet }) => isMet);
  assert.deepEqual(verdicts({}), [true, true, true, true]);
  assert.deepEqual(verdicts({ most: 151 }), [false, true, true, true]);
  assert.deepEqual(verdicts({ late: 111 }), [true, false, true, true]);
  assert.deepEqual(verdicts({ file: 165 }), [true, true, false, true]);
  assert.deepEqual(verdicts({ output: 165 }), [true, true, true, false]);
});

test('thirdOf() and medianOf() take what they say', () => {
  assert.deepEqual(thirdOf([1, 2, 3, 4, 5, 6, 7], 'first'), [1, 2]);
  assert.deepEqual(thirdOf([1, 2, 3, 4, 5, 6, 7], 'last'), [6, 7]);
  assert.deepEqual(thirdOf([1, 2], 'last'), [2]);
  assert.equal(medianOf([9, 1, 5]), 5);
  assert.equal(medianOf([]), 0);
});
