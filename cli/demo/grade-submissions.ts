import { statusSentence } from '@orca/protocol';
import { UserError } from '../user-error.ts';
import { compareResult } from './compare-result.ts';
import { commandsByLabel } from './load-example.ts';
import { jobSentence, putJob } from './orca-api.ts';
import type { PlannedSubmission } from './plan-submissions.ts';
import type { ReceivedPost, ReceivedResult } from './read-post.ts';
import type { SubmissionReport } from './render-report.ts';

/** Takes what a client receives, and hands results to who waits for them. */
export interface Inbox {
  receive(post: ReceivedPost): void;
  /** Calls `onStatus` with each location, and resolves with the result and when it came (`performance.now()`). */
  expect(key: string, onStatus: (location: string) => void): Promise<{ result: ReceivedResult; at: number }>;
}

/** The longest that a demo waits for a result: images and containers are there, so something is wrong by then. */
const RESULT_TIMEOUT_MS = 180_000;

/** Makes an inbox; what nobody expects is let go. */
export function createInbox(): Inbox {
  type Arrival = Awaited<ReturnType<Inbox['expect']>>;
  const expected = new Map<string, { onStatus(location: string): void; resolve(arrival: Arrival): void }>();
  return {
    receive(post) {
      if (post.kind === 'status') expected.get(post.key)?.onStatus(post.location);
      else if (post.kind === 'result')
        expected.get(post.key)?.resolve({ result: post.result, at: performance.now() });
    },
    expect(key, onStatus) {
      const { promise, resolve } = Promise.withResolvers<Arrival>();
      expected.set(key, { onStatus, resolve });
      return promise;
    },
  };
}

/**
 * Sends all jobs at once, as on deadline night, tells what happens to each, and compares what comes back.
 *
 * @param onEvent gets the submission and what happened to it, in words
 * @throws {UserError} when a job is not taken, or a result does not come in time
 * @throws the signal's reason when it aborts
 */
export async function gradeSubmissions(
  planned: readonly PlannedSubmission[],
  deps: {
    readonly orcaUrl: string;
    readonly inbox: Inbox;
    readonly onEvent: (submission: string, what: string) => void;
  },
  signal: AbortSignal,
): Promise<SubmissionReport[]> {
  const late = AbortSignal.timeout(RESULT_TIMEOUT_MS);
  const given = Promise.withResolvers<never>();
  late.addEventListener('abort', () =>
    given.reject(
      new UserError(`Cannot show all results: some did not come within ${RESULT_TIMEOUT_MS / 1000} s`),
    ),
  );
  signal.addEventListener('abort', () => given.reject(signal.reason));
  signal.throwIfAborted();
  return Promise.race([Promise.all(planned.map((one) => gradeOne(one, deps))), given.promise]);
}

async function gradeOne(
  planned: PlannedSubmission,
  deps: Parameters<typeof gradeSubmissions>[1],
): Promise<SubmissionReport> {
  const { example, submission, job, expected } = planned;
  const tell = (what: string): void => deps.onEvent(submission, what);
  const arrival = deps.inbox.expect(job.key, (location) => tell(describeLocation(location)));
  const taken = await putJob(deps.orcaUrl, job);
  const sentAt = performance.now();
  tell(`${describeLocation(taken.location)}, as job ${taken.id}`);
  const { result, at } = await arrival;
  tell('the result is at the client');
  const differences = compareResult(
    expected,
    { result, sentence: await jobSentence(deps.orcaUrl, taken.id) },
    {
      commands: commandsByLabel(job.script),
      sentence: statusSentence({ kind: 'finished', outcome: expected.outcome }),
    },
  );
  return { example, submission, result, deliveredMs: at - sentAt, differences };
}

function describeLocation(location: string): string {
  switch (location) {
    case 'Queue':
      return 'in the queue';
    case 'HoldingPen':
      return 'waiting for its image';
    case 'Worker':
      return 'taken by a worker';
    default:
      return location;
  }
}
