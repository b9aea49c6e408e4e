import type { Submission } from '@orca/database/simulation';
import { drawGradingTime, type GradingTimes } from './grading-times.ts';
import { createRandom, type Random } from './random.ts';

/** How submissions lie before a deadline. */
export const DEADLINE_SHAPES = ['rush', 'even'] as const;
export type DeadlineShape = (typeof DEADLINE_SHAPES)[number];

/** A course before its deadline. */
export interface Course {
  readonly students: number;
  /** Of the students, those that submit more than once. */
  readonly repeatersPercent: number;
  /** How often these submit. */
  readonly repeats: number;
  /** The time in which all submissions come, up to the deadline, in seconds. */
  readonly windowSeconds: number;
  readonly shape: DeadlineShape;
  readonly gradingTimes: GradingTimes;
  readonly seed: number;
}

/** In a rush the mean time left is this part of the window: the last sixth of it gets two submissions of three. */
const RUSH = 6;

const PERCENT = 100;

/** Makes the submissions of a course, in the order in which they come; the same ones for the same seed. */
export function makeTrace(course: Course): Submission[] {
  const { students, repeatersPercent, repeats, windowSeconds, shape, gradingTimes, seed } = course;
  const random = createRandom(seed);
  const repeaters = Math.round((students * repeatersPercent) / PERCENT);
  const trace: Submission[] = [];
  for (let student = 0; student < students; student += 1) {
    const submissions = student < repeaters ? repeats : 1;
    for (let number = 0; number < submissions; number += 1)
      trace.push({
        submitter: `student ${student + 1}`,
        atSeconds: windowSeconds - drawSecondsLeft(shape, windowSeconds, random),
        gradingSeconds: drawGradingTime(gradingTimes, random),
        delaySeconds: 0,
        isImmediate: false,
      });
  }
  return trace.sort((one, other) => one.atSeconds - other.atSeconds);
}

/** How long before the deadline one submission comes. */
function drawSecondsLeft(shape: DeadlineShape, windowSeconds: number, random: Random): number {
  switch (shape) {
    case 'even':
      return windowSeconds * random();
    case 'rush': {
      // An exponential distribution, cut off where the window begins.
      const within = 1 - Math.exp(-RUSH);
      return (-windowSeconds / RUSH) * Math.log(1 - within * random());
    }
    default:
      return shape satisfies never;
  }
}
