import Type, { type Static } from 'typebox';

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
  /** `ahead` counts the released jobs truly before it; `releasedInSeconds` is 0 once it is released. */
  | { readonly kind: 'waiting'; readonly ahead: number; readonly releasedInSeconds: number }
  | { readonly kind: 'grading' }
  | { readonly kind: 'finished'; readonly outcome: 'graded' | 'failed' | 'cancelled' };

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
}

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
 * Says to a person where a job is. The same sentence from each of the status routes.
 *
 * @returns one sentence in English
 */
export function statusSentence(state: JobState): string {
  switch (state.kind) {
    case 'unknown':
      return 'No job with this number is known.';
    case 'held':
      return 'Your job is waiting for its grader image to be built.';
    case 'waiting':
      if (state.releasedInSeconds > 0) {
        return `Your job will be released for grading in ${describeDelay(state.releasedInSeconds)}.`;
      }
      return `Your job is number ${state.ahead + 1} in the queue.`;
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
