import type { ReturnReason } from './lease.ts';
import {
  comeBack,
  end,
  inLine,
  type Model,
  type ModelJob,
  type ModelPlace,
  newestWaiting,
  SECOND,
  servingPlace,
} from './model.ts';

/** How long a lease lasts in the model. */
export const MODEL_LEASE_SECONDS = 600;
const BACK_OFF_SECONDS: readonly number[] = [60, 300];
const NOT_NOW_SECONDS = 60;
const RUNS_MAX = 3;

/**
 * A claim.
 *
 * @param passedOver places that another has locked at this moment
 * @returns the job, or `null` when nothing is due
 */
export function modelClaim(model: Model, passedOver: readonly ModelPlace[] = []): ModelJob | null {
  model.now += 1;
  for (const place of model.places) if ((place.notBefore ?? 0) <= model.now) place.notBefore = null;
  const overdue = model.jobs
    .filter(({ run }) => run !== null && run.leaseUntil < model.now)
    .sort((a, b) => (a.run?.leaseUntil ?? 0) - (b.run?.leaseUntil ?? 0));
  for (const job of overdue) {
    job.faults += 1;
    if (job.faults === RUNS_MAX) end(model, job, 'failed');
    else return lease(model, job, job.run?.releaseAt ?? 0);
  }
  return claimPlace(model, passedOver);
}

/** A claim without a look for expired leases and ended back-offs. @returns as `modelClaim` */
export function modelClaimWaiting(model: Model, passedOver: readonly ModelPlace[]): ModelJob | null {
  model.now += 1;
  return claimPlace(model, passedOver);
}

function claimPlace(model: Model, passedOver: readonly ModelPlace[]): ModelJob | null {
  const place = inLine(model).find((due) => due.releaseAt <= model.now && !passedOver.includes(due));
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
  reason: ReturnReason,
): 'returned' | 'exhausted' | 'fenced' {
  model.now += 1;
  const job = runOf(model, name, token);
  if (job?.run === undefined || job.run === null) return 'fenced';
  if (reason === 'fault') job.faults += 1;
  if (job.faults === RUNS_MAX) {
    end(model, job, 'failed');
    return 'exhausted';
  }
  const waitSeconds = {
    shutdown: null,
    not_now: NOT_NOW_SECONDS,
    fault: BACK_OFF_SECONDS[job.faults - 1] ?? 0,
  }[reason];
  const notBefore = waitSeconds === null ? null : model.now + waitSeconds * SECOND;
  comeBack(model, job, 'waiting', notBefore);
  return 'returned';
}

/** The end of the build that all held jobs wait for. */
export function modelSettle(model: Model, outcome: 'built' | 'failed'): void {
  model.now += 1;
  for (const job of model.jobs.filter(({ state }) => state === 'held')) {
    const place = servingPlace(model, job);
    if (outcome === 'built') {
      place.heldFor = null;
      job.state = 'waiting';
    } else {
      model.places.splice(model.places.indexOf(place), 1);
      end(model, job, 'failed');
    }
  }
}

/** A run whose image is not there any more. @returns what became of the job */
export function modelHold(
  model: Model,
  name: string,
  token: number,
  isImageReady: boolean,
): 'held' | 'returned' | 'fenced' {
  model.now += 1;
  const job = runOf(model, name, token);
  if (job === undefined) return 'fenced';
  comeBack(model, job, isImageReady ? 'waiting' : 'held', null);
  return isImageReady ? 'returned' : 'held';
}

function lease(model: Model, job: ModelJob, releaseAt: number): ModelJob {
  model.tokens += 1;
  job.state = 'grading';
  job.run = { releaseAt, leaseUntil: model.now + MODEL_LEASE_SECONDS * SECOND, token: model.tokens };
  return job;
}

function runOf(model: Model, name: string, token: number): ModelJob | undefined {
  return model.jobs.find((job) => job.name === name && job.run?.token === token);
}
