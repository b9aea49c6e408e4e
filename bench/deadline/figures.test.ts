import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeadlineFigures, judgeNight, waitsOf } from './figures.ts';
import { findUnfairness } from './find-unfairness.ts';
import type { GradedSubmission } from './orca-night.ts';
import { renderFigures } from './render-figures.ts';

const graded = (student: string, arrived: number, claimed: number): GradedSubmission => ({
  student,
  arrivedSeconds: arrived,
  claimedSeconds: claimed,
  endedSeconds: claimed + 5,
});

test('findUnfairness() finds nobody while places are served as they are released', () => {
  // Ada's second submission is graded in her first place, before Bob: that is hers.
  const night = [graded('ada', 0, 30), graded('bob', 1, 20), graded('ada', 2, 10), graded('cleo', 3, 40)];
  assert.deepEqual(findUnfairness(night), []);
});

test("findUnfairness() finds who waited behind another's second place that was released later", () => {
  const night = [graded('ada', 0, 10), graded('bob', 1, 30), graded('ada', 2, 20)];
  assert.deepEqual(findUnfairness(night), [
    {
      ...{ student: 'bob', arrivedSeconds: 1, claimedSeconds: 30 },
      ...{ behind: 'ada', releasedSeconds: 2, servedSeconds: 20 },
    },
  ]);
});

test('judgeNight() judges makespan, fairness and the simulation, each for itself', () => {
  const waits = waitsOf([graded('ada', 0, 0), graded('bob', 1, 5)]);
  const good: DeadlineFigures = {
    ...{ scale: 'tiny', example: 'x', submissions: 2, students: 2, bareSeconds: 10, orcaSeconds: 11 },
    ...{ waits, simulated: waits, files: { bodies: 3, notModified: 4 }, unfair: [] },
  };
  const verdicts = (changes: Partial<DeadlineFigures>): boolean[] =>
    judgeNight({ ...good, ...changes }).map(({ isMet }) => isMet);
  assert.deepEqual(verdicts({}), [true, true, true]);
  assert.deepEqual(verdicts({ orcaSeconds: 11.1 }), [false, true, true]);
  const unfair = findUnfairness([graded('ada', 0, 10), graded('bob', 1, 30), graded('ada', 2, 20)]);
  assert.deepEqual(verdicts({ unfair }), [true, false, true]);
  const slower = { ...waits, answers: { ...waits.answers, p95: waits.answers.p95 * 1.2 } };
  assert.deepEqual(verdicts({ simulated: slower }), [true, true, false]);
  assert.deepEqual(verdicts({ simulated: { ...waits, makespanSeconds: 8 } }), [true, true, false]);

  const page = renderFigures({ ...good, orcaSeconds: 12 }, judgeNight({ ...good, orcaSeconds: 12 }));
  assert.match(page, /\| makespan, next to .* \| at most 1\.1 +\| 1\.20 +\| \*\*missed\*\* \|/);
  assert.match(page, /\| docker run, two at a time +\| 10\.0 /);
});
