import type { PostOutcome } from '@orca/outbound';

/** What counts for the judgement of one try. */
export type TryFacts = {
  outcome: PostOutcome;
  /** 1 for the first. */
  attempt: number;
  /** After so many tries it is given up. */
  attemptsMax: number;
  /** An earlier try got no answer or a 5xx: the client may have taken it all the same. */
  hadUnclearAttempt: boolean;
};

/** What a try means for its delivery. */
export type Judgement =
  | { kind: 'delivered' }
  /** The client does not want it: final, shown to staff, no alarm. */
  | { kind: 'refused' }
  | { kind: 'given_up' }
  | { kind: 'retry'; retryAfterSeconds?: number };

/** A client that has a job's result forgets the job, and says so to whoever comes again. */
const FORGOTTEN_STATUSES: readonly number[] = [400, 404, 409, 410];

/** Beside 5xx: the client wants it, but not now. */
const LATER_STATUSES: readonly number[] = [408, 425, 429];

/** A client's `Retry-After` is honoured for so long. */
export const RETRY_AFTER_SECONDS_MAX = 3_600;

/**
 * Judges one try of a delivery.
 *
 * 2xx is done. No answer, 5xx, 408, 425 and 429 are tried again until the tries are used up. Anything else is final:
 * refused, unless the client may have taken an earlier try and answers as one that knows the job no more.
 *
 * @see docs/job-lifecycle.md A delivery
 */
export function judgeAnswer({ outcome, attempt, attemptsMax, hadUnclearAttempt }: TryFacts): Judgement {
  const again = (retry: Judgement): Judgement => (attempt >= attemptsMax ? { kind: 'given_up' } : retry);
  switch (outcome.kind) {
    case 'unanswered':
      return again({ kind: 'retry' });
    case 'forbidden':
      return { kind: 'refused' };
    case 'answered': {
      const { status, retryAfterSeconds } = outcome;
      if (status >= 200 && status < 300) return { kind: 'delivered' };
      if (status >= 500 || LATER_STATUSES.includes(status)) return again(retryAfter(retryAfterSeconds));
      if (hadUnclearAttempt && FORGOTTEN_STATUSES.includes(status)) return { kind: 'delivered' };
      return { kind: 'refused' };
    }
    default:
      return outcome satisfies never;
  }
}

function retryAfter(seconds: number | null): Judgement {
  if (seconds === null) return { kind: 'retry' };
  return { kind: 'retry', retryAfterSeconds: Math.min(seconds, RETRY_AFTER_SECONDS_MAX) };
}
