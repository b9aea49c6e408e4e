/**
 * The queue in plain code: what the SQL in this folder must do, for tests to compare. No locks, no time of its own.
 *
 * @see docs/job-lifecycle.md
 */

/** A job in the model. Its `name` stands for client, key and response_url. */
export type ModelJob = {
  name: string;
  submitter: string;
  state: 'held' | 'waiting' | 'grading' | 'finished';
  generation: number;
  content: string;
  arrivedAt: number;
  isImmediate: boolean;
  isNamed: boolean;
  faults: number;
  /** Only while it is graded. */
  run: { releaseAt: number; leaseUntil: number; token: number } | null;
  outcome: 'graded' | 'failed' | 'cancelled' | null;
};

/** A place in line. */
export type ModelPlace = {
  submitter: string;
  releaseAt: number;
  names: string | null;
  heldFor: string | null;
  notBefore: number | null;
};

/** The whole queue at one moment. Times in microseconds; each operation takes one. */
export type Model = {
  now: number;
  jobs: ModelJob[];
  places: ModelPlace[];
  tokens: number;
  /** What each generation ended in, as `name generation outcome`. */
  results: string[];
};

/** What the clock counts in a second. */
export const SECOND = 1_000_000;

/** An empty queue. */
export function emptyModel(): Model {
  return { now: 0, jobs: [], places: [], tokens: 0, results: [] };
}

/** Lets time pass. */
export function modelPassTime(model: Model, seconds: number): void {
  model.now += seconds * SECOND;
}

/** The places that can be taken, first first. */
export function inLine(model: Model): ModelPlace[] {
  return model.places
    .filter(({ heldFor, notBefore }) => heldFor === null && notBefore === null)
    .sort((a, b) => a.releaseAt - b.releaseAt);
}

/** A submitter's waiting jobs that no place names, newest first. */
export function newestWaiting(model: Model, submitter: string): ModelJob[] {
  return model.jobs
    .filter((job) => job.submitter === submitter && job.state === 'waiting' && !job.isNamed)
    .sort((a, b) => b.arrivedAt - a.arrivedAt);
}

/** The place that would serve a job if all that wait were taken now. */
export function servingPlace(model: Model, job: ModelJob): ModelPlace {
  const free = model.places
    .filter(
      ({ submitter, names, heldFor }) => submitter === job.submitter && names === null && heldFor === null,
    )
    .sort((a, b) => a.releaseAt - b.releaseAt);
  const place =
    model.places.find(({ names, heldFor }) => names === job.name || heldFor === job.name) ??
    free[newestWaiting(model, job.submitter).indexOf(job)];
  if (place === undefined) throw new Error(`Cannot find the place of "${job.name}": it has none`);
  return place;
}

/** Ends a run: its job goes back to its place, which names it. */
export function comeBack(
  model: Model,
  job: ModelJob,
  state: 'held' | 'waiting',
  notBefore: number | null,
): void {
  model.places.push({
    submitter: job.submitter,
    releaseAt: job.run?.releaseAt ?? 0,
    names: job.name,
    heldFor: state === 'held' ? job.name : null,
    notBefore,
  });
  job.state = state;
  job.isNamed = true;
  job.run = null;
}

/** Ends a generation with a result. */
export function end(model: Model, job: ModelJob, outcome: 'graded' | 'failed' | 'cancelled'): void {
  job.state = 'finished';
  job.run = null;
  job.outcome = outcome;
  model.results.push(`${job.name} ${job.generation} ${outcome}`);
}
