import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pace } from '../turns/take-turns.ts';
import { type DeadlineFigures, describeDrift, judgeNight, waitsOf } from './figures.ts';
import { findUnfairness } from './find-unfairness.ts';
import type { GradedSubmission } from './orca-night.ts';
import { renderFigures } from './render-figures.ts';

const graded = (student: string, arrived: number, claimed: number): GradedSubmission => ({
  student,
  arrivedSeconds: arrived,
  claimedSeconds: claimed,
  endedSeconds: claimed + 5,
});

/** One submission in each half. */
const halves = (before: number, after: number): DeadlineFigures['bareHalves'] => [
  { submissions: 1, seconds: before },
  { submissions: 1, seconds: after },
];

const WAITS = waitsOf([graded('ada', 0, 0), graded('bob', 1, 5)]);

const CPU = { worker: 1, server: 2, postgres: 3, bench: 4, others: 5 };
const paces = (...rates: readonly number[]): Pace[] => rates.map((rate) => ({ rate, cpu: CPU }));

const GOOD: DeadlineFigures = {
  ...{ scale: 'tiny', example: 'x', submissions: 2, students: 2, bareHalves: halves(5, 5), orcaSeconds: 11 },
  ...{ waits: WAITS, simulated: WAITS, files: { bodies: 3, notModified: 4 }, unfair: [] },
  turns: { orca: paces(1, 2, 10), bare: paces(1.1, 3, 10) },
};

function renderPage(changes: Partial<DeadlineFigures>): string {
  const figures = { ...GOOD, ...changes };
  return renderFigures(figures, judgeNight(figures));
}

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
  const verdicts = (changes: Partial<DeadlineFigures>): boolean[] =>
    judgeNight({ ...GOOD, ...changes }).map(({ isMet }) => isMet);
  assert.deepEqual(verdicts({}), [true, true, true, true]);
  assert.deepEqual(verdicts({ orcaSeconds: 11.1 }), [false, true, true, true]);
  // Only what both halves take together counts.
  assert.deepEqual(verdicts({ bareHalves: halves(2, 8) }), [true, true, true, true]);
  assert.deepEqual(verdicts({ bareHalves: halves(5, 4.9) }), [false, true, true, true]);
  // Round by round: next to each other, the middle rates of both sides are 1.5 in either case.
  assert.deepEqual(verdicts({ turns: { ...GOOD.turns, bare: paces(1.12, 3, 10) } }), [
    true,
    false,
    true,
    true,
  ]);
  const unfair = findUnfairness([graded('ada', 0, 10), graded('bob', 1, 30), graded('ada', 2, 20)]);
  assert.deepEqual(verdicts({ unfair }), [true, true, false, true]);
  const slower = { ...WAITS, answers: { ...WAITS.answers, p95: WAITS.answers.p95 * 1.2 } };
  assert.deepEqual(verdicts({ simulated: slower }), [true, true, true, false]);
  assert.deepEqual(verdicts({ simulated: { ...WAITS, makespanSeconds: 8 } }), [true, true, true, false]);
});

test('renderFigures() shows both halves of docker run, their sum, and what is missed', () => {
  const page = renderPage({ orcaSeconds: 12, bareHalves: halves(4.9, 5.1) });
  assert.match(page, /\| makespan, next to .* \| at most 1\.1 +\| 1\.20 +\| \*\*missed\*\* \|/);
  assert.match(page, /\| students with one submission .* \| none +\| 0 +\| met +\|/);
  assert.match(page, /\| docker run, two at a time +\| 10\.0 /);
  assert.match(page, /\| of these the first 1 submissions, before Orca's night +\| 4\.9 /);
  assert.match(page, /\| of these the other 1, after it +\| 5\.1 /);
  assert.doesNotMatch(page, /changed its pace/);
});

test('renderFigures() shows no ratio that seems to meet what it misses', () => {
  assert.match(
    renderPage({ orcaSeconds: 11.04 }),
    /\| makespan, .* \| at most 1\.1 +\| 1\.104 +\| \*\*missed\*\* \|/,
  );
});

test('describeDrift() tells when a half took longer by more than a twentieth, submission for submission', () => {
  assert.equal(describeDrift(halves(100, 105)), null);
  assert.equal(describeDrift(halves(105, 100)), null);
  const [first] = halves(100, 0);
  assert.equal(describeDrift([first, { submissions: 2, seconds: 205 }]), null);
  assert.match(
    describeDrift(halves(112, 100)) ?? '',
    /^The halves of docker run differ by 12\.0 %: the machine changed its pace, /,
  );
  assert.match(
    renderPage({ bareHalves: halves(4.8, 5.2) }),
    /\n\nThe halves of docker run differ by 8\.3 %: .*\n\n/,
  );
});
