import { createHeap } from './binary-heap.ts';

/** What of a job decides when it is served. */
export type VirtualJob = {
  submitter: string;
  /** The `priority` of its `PUT`: its place is released so many seconds after its arrival. */
  delaySeconds: number;
  isImmediate: boolean;
};

/**
 * The order of the queue in plain code, for jobs by the million in virtual time: places by release time, and for each the
 * newest job of its submitter. All of it that matters when every job is new, every image is there and every run ends well;
 * `queue/model.ts` has the rest.
 *
 * @see docs/adr/0003-places-serve-the-newest-job.md
 */
export interface VirtualQueue<Job extends VirtualJob> {
  /** How many jobs wait, released or not. */
  readonly waiting: number;
  /** When the first place is released, in seconds; `null` when there is none. */
  readonly nextReleaseSeconds: number | null;
  /** Queues a new job; never at an earlier time than the one before. */
  put(job: Job, nowSeconds: number): void;
  /** Takes the next job; `null` when none is due. */
  claim(nowSeconds: number): Job | null;
}

/** `number` keeps the order of arrival among those that are released at the same time. */
type Place<Job> = { releaseSeconds: number; number: number; submitter: string; names: Job | null };

/** Makes an empty queue. */
export function createVirtualQueue<Job extends VirtualJob>(): VirtualQueue<Job> {
  const places = createHeap<Place<Job>>((one, other) =>
    one.releaseSeconds === other.releaseSeconds
      ? one.number < other.number
      : one.releaseSeconds < other.releaseSeconds,
  );
  /** Those that no place names, the newest last. */
  const jobsOf = new Map<string, Job[]>();
  let puts = 0;

  const takeNewest = (submitter: string): Job => {
    const jobs = jobsOf.get(submitter);
    const newest = jobs?.pop();
    if (jobs === undefined || newest === undefined)
      throw new Error(`Cannot serve a place of "${submitter}": it has no job`);
    if (jobs.length === 0) jobsOf.delete(submitter);
    return newest;
  };
  return {
    get waiting() {
      return places.size;
    },
    get nextReleaseSeconds() {
      return places.peek()?.releaseSeconds ?? null;
    },
    put(job, nowSeconds) {
      const { submitter, delaySeconds, isImmediate } = job;
      const releaseSeconds = nowSeconds + (isImmediate ? 0 : delaySeconds);
      places.push({ releaseSeconds, number: puts, submitter, names: isImmediate ? job : null });
      puts += 1;
      if (isImmediate) return;
      const jobs = jobsOf.get(submitter);
      if (jobs === undefined) jobsOf.set(submitter, [job]);
      else jobs.push(job);
    },
    claim(nowSeconds) {
      const first = places.peek();
      if (first === null || first.releaseSeconds > nowSeconds) return null;
      places.pop();
      return first.names ?? takeNewest(first.submitter);
    },
  };
}
