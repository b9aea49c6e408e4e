import { statusSentence } from '@orca/protocol';
import { UserError } from '../user-error.ts';
import { compareResult } from './compare-result.ts';
import { commandsByLabel } from './load-example.ts';
import { jobSentence, putJob } from './orca-api.ts';
import type { OrderedImage } from './order-images.ts';
import type { PlannedSubmission } from './plan-submissions.ts';
import type { ReceivedPost, ReceivedResult } from './read-post.ts';
import type { SubmissionReport } from './render-report.ts';

/** Takes what a client receives, and hands results to who waits for them. */
export interface Inbox {
  receive(post: ReceivedPost): void;
  /** Calls `onStatus` with each location, and resolves with the result and when it came (`performance.now()`). */
  expect(key: string, onStatus: (location: string) => void): Promise<{ result: ReceivedResult; at: number }>;
}

/** The longest that a demo waits for the next result once all images are there: something is wrong by then. */
const RESULT_TIMEOUT_MS = 180_000;
/** The longest that it waits for any news while images are being built: builders give one up after 15 minutes. */
const BUILD_TIMEOUT_MS = 960_000;

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

/** What grading needs. */
export interface GradeDeps {
  readonly orcaUrl: string;
  readonly inbox: Inbox;
  /** Those that the jobs need and that may still have to be built. */
  readonly images: readonly OrderedImage[];
  /** Gets the submission and what happened to it, in words. */
  readonly onEvent: (submission: PlannedSubmission, what: string) => void;
}

/**
 * Sends all jobs at once, as on deadline night and while their images are still being built, tells what happens to each,
 * and compares what comes back.
 *
 * @throws {UserError} when a job is not taken, an image cannot be built, or nothing comes for too long
 * @throws the signal's reason when it aborts
 */
export async function gradeSubmissions(
  planned: readonly PlannedSubmission[],
  deps: GradeDeps,
  signal: AbortSignal,
): Promise<SubmissionReport[]> {
  signal.throwIfAborted();
  const ended = new AbortController();
  const calledOff = AbortSignal.any([signal, ended.signal]);
  using patience = createPatience(deps.images.length);
  const images = deps.images.map((image) => image.untilReady(calledOff).then(patience.noteImage));
  const results = planned.map((one) => gradeOne(one, deps).finally(patience.noteResult));
  const aborted = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => aborted.reject(signal.reason));
  try {
    const [reports] = await Promise.race([
      Promise.all([Promise.all(results), Promise.all(images)]),
      patience.lost,
      aborted.promise,
    ]);
    return reports;
  } finally {
    ended.abort();
  }
}

/** Gives up when nothing has come for too long. */
function createPatience(images: number) {
  const { promise: lost, reject } = Promise.withResolvers<never>();
  let building = images;
  let timer: NodeJS.Timeout | undefined;
  const restart = (): void => {
    const timeoutMs = building > 0 ? BUILD_TIMEOUT_MS : RESULT_TIMEOUT_MS;
    clearTimeout(timer);
    timer = setTimeout(
      () => reject(new UserError(`Cannot show all results: nothing came for ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
  };
  restart();
  return {
    lost,
    noteImage() {
      building -= 1;
      restart();
    },
    noteResult: restart,
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

async function gradeOne(planned: PlannedSubmission, deps: GradeDeps): Promise<SubmissionReport> {
  const { example, submission, job, expected } = planned;
  const tell = (what: string): void => deps.onEvent(planned, what);
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
