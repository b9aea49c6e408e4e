import { measureWaits, type Percentiles, type Waits } from '@orca/cli/simulate';
import { rateRatio, type TurnFigures } from '../turns/take-turns.ts';
import type { FileCounts } from './course-site.ts';
import type { Unfairness } from './find-unfairness.ts';
import type { NightHalf } from './halve-night.ts';
import type { GradedSubmission } from './orca-night.ts';
import { SLOTS } from './scale.ts';

/** All that was measured. */
export type DeadlineFigures = {
  scale: string;
  example: string;
  submissions: number;
  students: number;
  /** Of docker run: the half before Orca's night, and the half after it. */
  bareHalves: readonly [NightHalf, NightHalf];
  orcaSeconds: number;
  /** As Orca did it. */
  waits: Waits;
  /** As `orca simulate` says for the same arrivals and grading times. */
  simulated: Waits;
  files: FileCounts;
  unfair: Unfairness[];
  /** Some of the same jobs, a few by Orca and a few by docker run in turn. */
  turns: TurnFigures;
};

/** A goal of the night, and how it stands to it: the value is at most the limit. */
export type Goal = { sentence: string; limit: number; value: number; isMet: boolean };

const MAKESPAN_RATIO_MAX = 1.1;
const DEVIATION_MAX = 0.15;
/** A half that is slower by more, submission for submission, was graded at another pace of the machine. */
const PACE_RATIO_MAX = 1.05;
const PERCENT = 100;
/** Deviations of less are noise, whatever part of a short time they are. */
const SECONDS_MIN = 1;

/** The times of a night, for `measureWaits` and for curves. */
export function timesOf(submissions: readonly GradedSubmission[]) {
  const sorted = submissions.toSorted((one, other) => one.arrivedSeconds - other.arrivedSeconds);
  return {
    students: sorted.map(({ student }) => student),
    arrivals: Float64Array.from(sorted, ({ arrivedSeconds }) => arrivedSeconds),
    claims: Float64Array.from(sorted, ({ claimedSeconds }) => claimedSeconds),
    ends: Float64Array.from(sorted, ({ endedSeconds }) => endedSeconds),
  };
}

/** The waits of a night. */
export function waitsOf(submissions: readonly GradedSubmission[]): Waits {
  const { students, ...times } = timesOf(submissions);
  return measureWaits(times, students, SLOTS);
}

/** Judges the night. */
export function judgeNight(figures: DeadlineFigures): Goal[] {
  const { bareHalves, orcaSeconds, waits, simulated, unfair, turns } = figures;
  const ratio = orcaSeconds / secondsOf(bareHalves);
  // Rates the other way round are times.
  const turnRatio = rateRatio(turns.bare, turns.orca);
  const deviation = Math.max(
    deviationOf(waits.makespanSeconds, simulated.makespanSeconds),
    ...(['p50', 'p95', 'max'] as const).map((name) =>
      deviationOf(waits.answers[name], simulated.answers[name]),
    ),
  );
  return [
    {
      sentence: 'makespan, next to the same commands by docker run, two at a time',
      ...{ limit: MAKESPAN_RATIO_MAX, value: ratio, isMet: ratio <= MAKESPAN_RATIO_MAX },
    },
    {
      sentence: 'the same jobs, a few by each side in turn: time of Orca, next to that of docker run',
      ...{ limit: MAKESPAN_RATIO_MAX, value: turnRatio, isMet: turnRatio <= MAKESPAN_RATIO_MAX },
    },
    {
      sentence: "students with one submission who waited behind another's later one",
      ...{ limit: 0, value: unfair.length, isMet: unfair.length === 0 },
    },
    {
      sentence: 'the largest deviation of orca simulate, of makespan and of answers',
      ...{ limit: DEVIATION_MAX, value: deviation, isMet: deviation <= DEVIATION_MAX },
    },
  ];
}

/** What grading took, both halves together. */
export function secondsOf(halves: readonly NightHalf[]): number {
  return halves.reduce((sum, { seconds }) => sum + seconds, 0);
}

/**
 * Tells whether the machine changed its pace between two halves of a night.
 *
 * @returns a sentence, or `null` while they differ by no more than they may, submission for submission
 */
export function describeDrift(halves: DeadlineFigures['bareHalves']): string | null {
  const paces = halves.map(({ submissions, seconds }) => seconds / submissions);
  const [quicker, slower] = [Math.min(...paces), Math.max(...paces)];
  if (!(slower > quicker * PACE_RATIO_MAX)) return null;
  const percent = ((slower / quicker - 1) * PERCENT).toFixed(1);
  return `The halves of docker run differ by ${percent} %: the machine changed its pace, and what is said of the makespan says little.`;
}

function deviationOf(measured: number, simulated: number): number {
  return Math.abs(simulated - measured) / Math.max(measured, SECONDS_MIN);
}

/** The rows of {@link Waits} that are percentiles, in words. */
export const WAIT_ROWS = [
  ['a submission waits', 'submissions'],
  ["a student's last submission waits", 'students'],
  ["a student's last submission has its result after", 'answers'],
] as const satisfies readonly (readonly [
  string,
  keyof { [K in keyof Waits as Waits[K] extends Percentiles ? K : never]: 0 },
])[];
