import { createHeap } from './binary-heap.ts';
import { createVirtualQueue, type VirtualJob } from './virtual-queue.ts';

/** One submission of a trace. */
export type Submission = VirtualJob & {
  /** When it was `PUT`, in seconds from the trace's beginning. */
  atSeconds: number;
  /** How long its grading takes, from claim to result. */
  gradingSeconds: number;
};

/** Who grades. */
export type Capacity = {
  /** Jobs at once, of all workers together; at least 1. */
  slots: number;
  /** What is added to the grading of each job. */
  overheadSeconds: number;
  /** How many claims the database gives in a second; `null`: as many as are asked for. */
  claimsPerSecond: number | null;
};

/** When things happened, by the index of the submission, in seconds from the trace's beginning. */
export type Simulated = {
  arrivals: Float64Array;
  claims: Float64Array;
  ends: Float64Array;
};

/**
 * Puts a trace through the queue in virtual time: a free slot takes the next job as soon as one is due. Takes about two
 * seconds for a million submissions.
 *
 * @param trace in the order of `atSeconds`
 */
export function simulate(trace: readonly Submission[], capacity: Capacity): Simulated {
  const { overheadSeconds, claimsPerSecond } = capacity;
  const claimSeconds = claimsPerSecond === null ? 0 : 1 / claimsPerSecond;
  const times = {
    arrivals: Float64Array.from(trace, ({ atSeconds }) => atSeconds),
    claims: new Float64Array(trace.length),
    ends: new Float64Array(trace.length),
  };
  const queue = createVirtualQueue<Submission & { index: number }>();
  const ends = createHeap<number>((one, other) => one < other);
  let arrived = 0;
  let nowSeconds = Number.NEGATIVE_INFINITY;
  let nextClaimSeconds = Number.NEGATIVE_INFINITY;
  const claimAt = (): number => {
    const release = queue.nextReleaseSeconds;
    if (release === null || ends.size >= capacity.slots) return Number.POSITIVE_INFINITY;
    return Math.max(nowSeconds, release, nextClaimSeconds);
  };
  for (;;) {
    const arrival = trace[arrived];
    const arrivalAt = arrival?.atSeconds ?? Number.POSITIVE_INFINITY;
    const endAt = ends.peek() ?? Number.POSITIVE_INFINITY;
    nowSeconds = Math.min(endAt, arrivalAt, claimAt());
    if (nowSeconds === Number.POSITIVE_INFINITY) return times;
    if (nowSeconds === endAt) ends.pop();
    else if (arrival !== undefined && nowSeconds === arrivalAt) {
      queue.put({ ...arrival, index: arrived }, nowSeconds);
      arrived += 1;
    } else {
      const job = queue.claim(nowSeconds);
      if (job === null) throw new Error(`Cannot claim at ${nowSeconds} s: nothing is due`);
      nextClaimSeconds = nowSeconds + claimSeconds;
      times.claims[job.index] = nowSeconds;
      times.ends[job.index] = nowSeconds + overheadSeconds + job.gradingSeconds;
      ends.push(nowSeconds + overheadSeconds + job.gradingSeconds);
    }
  }
}
