import Type, { type Static } from 'typebox';
import { count } from './count.ts';

/** Where a job is, in the words of the contract. */
export const JobLocationSchema = Type.Union([
  Type.Literal('Queue'),
  Type.Literal('HoldingPen'),
  Type.Literal('Worker'),
]);

/** Where a job is, in the words of the contract. */
export type JobLocation = Static<typeof JobLocationSchema>;

/** The POST that tells a client where its job is. It has these members only: more would look like a result. */
export const StatusUpdateSchema = Type.Object({
  key: Type.String(),
  status: Type.Object({ location: JobLocationSchema, id: Type.Integer() }),
});

/** The POST that tells a client where its job is. */
export type StatusUpdate = Static<typeof StatusUpdateSchema>;

/** What the status routes know about a job. */
export type JobState =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'held' }
  | {
      readonly kind: 'waiting';
      /** 0 once it is released. */
      readonly releasedInSeconds: number;
      /** Counts the released jobs that will be taken before it. */
      readonly ahead: number;
      /** `about`: estimated. `at_least`: its submitter has so many newer jobs that they were not all counted. */
      readonly aheadIs: 'exact' | 'about' | 'at_least';
    }
  | { readonly kind: 'grading' }
  | { readonly kind: 'finished'; readonly outcome: 'graded' | 'failed' | 'cancelled' };

/** How fast jobs are graded at present. */
export type GradingPace = {
  /** How many can be graded at once. */
  readonly slots: number;
  /** How long one is graded for, on average. */
  readonly secondsPerJob: number;
};

/** Digits of a number that is an estimate. */
const ESTIMATE_DIGITS = 2;

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

/** Rounded up: a job is never promised earlier than it comes. */
function describeDelay(seconds: number): string {
  if (seconds <= MINUTE_SECONDS) return count(Math.ceil(seconds), 'second');
  if (seconds <= HOUR_SECONDS) return count(Math.ceil(seconds / MINUTE_SECONDS), 'minute');
  if (seconds <= DAY_SECONDS) return countBoth(seconds, [HOUR_SECONDS, 'hour'], [MINUTE_SECONDS, 'minute']);
  return countBoth(seconds, [DAY_SECONDS, 'day'], [HOUR_SECONDS, 'hour']);
}

type Unit = readonly [seconds: number, name: string];

/** In a larger unit and a smaller one, which is rounded up. */
function countBoth(seconds: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const parts = Math.ceil(seconds / small);
  const perLarge = large / small;
  const rest = parts % perLarge;
  const larger = count(Math.floor(parts / perLarge), largeName);
  return rest === 0 ? larger : `${larger} ${count(rest, smallName)}`;
}

/**
 * How long it will take about until a released job has been graded: as many rounds as the jobs ahead fill the slots, and
 * its own. Right when the jobs to come are like the last ones and no faster way opens; newer jobs of its submitter, which
 * come first, are not known yet.
 *
 * @returns seconds
 */
export function estimateWaitSeconds(ahead: number, { slots, secondsPerJob }: GradingPace): number {
  return secondsPerJob * (ahead / slots + 1);
}

type Waiting = Extract<JobState, { kind: 'waiting' }>;

function describePosition({ ahead, aheadIs }: Waiting): string {
  const number = ahead + 1;
  switch (aheadIs) {
    case 'exact':
      return `Your job is number ${number} in the queue.`;
    case 'about':
      return `Your job is about number ${Number(number.toPrecision(ESTIMATE_DIGITS))} in the queue.`;
    case 'at_least':
      return `Your job is number ${number} or later in the queue.`;
    default:
      return aheadIs satisfies never;
  }
}

function describeWaiting(state: Waiting, pace: GradingPace | null): string {
  if (state.releasedInSeconds > 0)
    return `Your job will be released for grading in ${describeDelay(state.releasedInSeconds)}.`;
  const position = describePosition(state);
  if (pace === null || state.aheadIs === 'at_least') return position;
  return `${position} It should be graded in about ${describeDelay(estimateWaitSeconds(state.ahead, pace))}.`;
}

/**
 * Says to a person where a job is. The same from each of the status routes.
 *
 * @param pace from which the wait is estimated; `null`: it is not
 * @returns one sentence in English, two with an estimate
 */
export function statusSentence(state: JobState, pace: GradingPace | null = null): string {
  switch (state.kind) {
    case 'unknown':
      return 'No job with this number is known.';
    case 'held':
      return 'Your job is waiting for its grader image to be built.';
    case 'waiting':
      return describeWaiting(state, pace);
    case 'grading':
      return 'Your job is being graded.';
    case 'finished':
      switch (state.outcome) {
        case 'graded':
          return 'Your job has been graded.';
        case 'failed':
          return 'Your job could not be graded. The course staff can see why.';
        case 'cancelled':
          return 'Your job was cancelled.';
        default:
          return state.outcome satisfies never;
      }
    default:
      return state satisfies never;
  }
}
