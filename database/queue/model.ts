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
  outcome: 'graded' | 'failed' | null;
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

/** A PUT in the model. */
export type ModelPut = {
  name: string;
  submitter: string;
  content: string;
  image: 'ready' | 'building' | 'unknown';
  delaySeconds: number;
  immediate: boolean;
};

export const MODEL_LEASE_SECONDS = 600;
const SECOND = 1_000_000;
const BACK_OFF_SECONDS: readonly number[] = [60, 300];
const RUNS_MAX = 3;

/** An empty queue. */
export function emptyModel(): Model {
  return { now: 0, jobs: [], places: [], tokens: 0, results: [] };
}

/** Lets time pass. */
export function modelPassTime(model: Model, seconds: number): void {
  model.now += seconds * SECOND;
}

/** A PUT. @returns what changed */
export function modelPut(model: Model, put: ModelPut): 'new' | 'same' | 'updated' | 'unknown_image' {
  model.now += 1;
  if (put.image === 'unknown') return 'unknown_image';
  const state = put.image === 'ready' ? 'waiting' : 'held';
  const job = model.jobs.find(({ name }) => name === put.name);
  if (job === undefined) {
    const fresh = { generation: 1, faults: 0, run: null, outcome: null };
    model.jobs.push({ ...fresh, ...newPlaceOf(model, put, state), name: put.name, content: put.content });
    return 'new';
  }
  if (job.state === 'finished') {
    const next = { generation: job.generation + 1, faults: 0, outcome: null, content: put.content };
    Object.assign(job, newPlaceOf(model, put, state), next);
    return 'updated';
  }
  if (job.content !== put.content) {
    supersede(model, job, put, state);
    return 'updated';
  }
  return job.state !== 'grading' && becomeImmediate(model, job, put) ? 'updated' : 'same';
}

/** A claim. @returns the job, or `null` when nothing is due */
export function modelClaim(model: Model): ModelJob | null {
  model.now += 1;
  const overdue = model.jobs
    .filter(({ run }) => run !== null && run.leaseUntil < model.now)
    .sort((a, b) => (a.run?.leaseUntil ?? 0) - (b.run?.leaseUntil ?? 0));
  for (const job of overdue) {
    job.faults += 1;
    if (job.faults === RUNS_MAX) end(model, job, 'failed');
    else return lease(model, job, job.run?.releaseAt ?? 0);
  }
  for (const place of model.places) if ((place.notBefore ?? 0) <= model.now) place.notBefore = null;
  const place = inLine(model).find(({ releaseAt }) => releaseAt <= model.now);
  if (place === undefined) return null;
  model.places.splice(model.places.indexOf(place), 1);
  const job = model.jobs.find(({ name }) => name === place.names) ?? newestWaiting(model, place.submitter)[0];
  if (job === undefined) throw new Error(`Cannot serve a place of "${place.submitter}": it has no job`);
  return lease(model, job, place.releaseAt);
}

/** A renewal. @returns false when the token is no longer the job's */
export function modelRenew(model: Model, name: string, token: number): boolean {
  model.now += 1;
  const run = runOf(model, name, token)?.run;
  if (run === undefined || run === null) return false;
  run.leaseUntil = model.now + MODEL_LEASE_SECONDS * SECOND;
  return true;
}

/** A finish. @returns false when the token is no longer the job's */
export function modelFinish(model: Model, name: string, token: number): boolean {
  model.now += 1;
  const job = runOf(model, name, token);
  if (job === undefined) return false;
  end(model, job, 'graded');
  return true;
}

/** A job that is handed back. @returns what became of it */
export function modelReturn(
  model: Model,
  name: string,
  token: number,
  reason: 'shutdown' | 'fault',
): 'returned' | 'exhausted' | 'fenced' {
  model.now += 1;
  const job = runOf(model, name, token);
  if (job?.run === undefined || job.run === null) return 'fenced';
  if (reason === 'fault') job.faults += 1;
  if (job.faults === RUNS_MAX) {
    end(model, job, 'failed');
    return 'exhausted';
  }
  const waitSeconds = reason === 'fault' ? (BACK_OFF_SECONDS[job.faults - 1] ?? 0) : null;
  const notBefore = waitSeconds === null ? null : model.now + waitSeconds * SECOND;
  comeBack(model, job, 'waiting', notBefore);
  return 'returned';
}

/** The places that can be taken, first first. */
export function inLine(model: Model): ModelPlace[] {
  return model.places
    .filter(({ heldFor, notBefore }) => heldFor === null && notBefore === null)
    .sort((a, b) => a.releaseAt - b.releaseAt);
}

/** A submitter's waiting jobs that no place names, newest first. */
function newestWaiting(model: Model, submitter: string): ModelJob[] {
  return model.jobs
    .filter((job) => job.submitter === submitter && job.state === 'waiting' && !job.isNamed)
    .sort((a, b) => b.arrivedAt - a.arrivedAt);
}

/** The place that would serve a job if all that wait were taken now. */
function servingPlace(model: Model, job: ModelJob): ModelPlace {
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

function newPlaceOf(
  model: Model,
  put: ModelPut,
  state: 'held' | 'waiting',
): Pick<ModelJob, 'submitter' | 'state' | 'arrivedAt' | 'isImmediate' | 'isNamed'> {
  model.places.push({
    submitter: put.submitter,
    releaseAt: model.now + (put.immediate ? 0 : put.delaySeconds * SECOND),
    names: put.immediate ? put.name : null,
    heldFor: state === 'held' ? put.name : null,
    notBefore: null,
  });
  const { submitter, immediate } = put;
  return { submitter, state, arrivedAt: model.now, isImmediate: immediate, isNamed: immediate };
}

function supersede(model: Model, job: ModelJob, put: ModelPut, state: 'held' | 'waiting'): void {
  if (job.state === 'grading') {
    comeBack(model, job, state, null);
    job.isImmediate ||= put.immediate;
  } else {
    becomeImmediate(model, job, put);
    const place = servingPlace(model, job);
    place.notBefore = null;
    place.heldFor = state === 'held' ? job.name : null;
    job.state = state;
  }
  job.generation += 1;
  job.content = put.content;
  job.faults = 0;
}

function becomeImmediate(model: Model, job: ModelJob, put: ModelPut): boolean {
  if (!put.immediate || job.isImmediate) return false;
  const place = servingPlace(model, job);
  place.names = job.name;
  place.releaseAt = Math.min(place.releaseAt, model.now);
  job.isImmediate = true;
  job.isNamed = true;
  return true;
}

function comeBack(model: Model, job: ModelJob, state: 'held' | 'waiting', notBefore: number | null): void {
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

function lease(model: Model, job: ModelJob, releaseAt: number): ModelJob {
  model.tokens += 1;
  job.state = 'grading';
  job.run = { releaseAt, leaseUntil: model.now + MODEL_LEASE_SECONDS * SECOND, token: model.tokens };
  return job;
}

function end(model: Model, job: ModelJob, outcome: 'graded' | 'failed'): void {
  job.state = 'finished';
  job.run = null;
  job.outcome = outcome;
  model.results.push(`${job.name} ${job.generation} ${outcome}`);
}

function runOf(model: Model, name: string, token: number): ModelJob | undefined {
  return model.jobs.find((job) => job.name === name && job.run?.token === token);
}
