import type { TurnScale } from '../turns/take-turns.ts';

/** How large the night is. */
export type DeadlineScale = {
  name: 'full' | 'quick' | 'tiny';
  /** A folder of `examples/`, and which of its submissions are handed in, in turn. */
  example: string;
  submissions: readonly string[];
  students: number;
  /** Of the students, those that submit `repeats` times. */
  repeatersPercent: number;
  repeats: number;
  /** In which all submissions come. */
  windowSeconds: number;
  /** How often both sides grade a few of the same jobs in turn, once the night is over. */
  turns: TurnScale;
};

/** The sizes by name: `full` is what the goal is about. */
export const SCALES = {
  full: {
    ...{ name: 'full', example: 'java-junit', submissions: ['perfect', 'partly-wrong', 'does-not-compile'] },
    ...{ students: 300, repeatersPercent: 10, repeats: 5, windowSeconds: 60 },
    // Each time as many of each submission.
    turns: { rounds: 9, jobs: 12, warmUp: 3, firstWarmUp: 3 },
  },
  quick: {
    ...{
      name: 'quick',
      example: 'python-unittest',
      submissions: ['perfect', 'partly-wrong', 'syntax-error'],
    },
    ...{ students: 30, repeatersPercent: 10, repeats: 5, windowSeconds: 6 },
    turns: { rounds: 3, jobs: 12, warmUp: 3, firstWarmUp: 3 },
  },
  tiny: {
    ...{ name: 'tiny', example: 'python-unittest', submissions: ['perfect', 'partly-wrong'] },
    ...{ students: 5, repeatersPercent: 20, repeats: 3, windowSeconds: 1 },
    turns: { rounds: 1, jobs: 2, warmUp: 1, firstWarmUp: 1 },
  },
} as const satisfies Record<string, DeadlineScale>;

/** Jobs at once, of Orca's one worker as of the bare containers. */
export const SLOTS = 2;

/** The same night with another number of students, as many of them a second. */
export function withStudents(scale: DeadlineScale, students: number): DeadlineScale {
  return { ...scale, students, windowSeconds: (scale.windowSeconds * students) / scale.students };
}
