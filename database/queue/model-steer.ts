import { end, type Model, type ModelJob, SECOND, servingPlace } from './model.ts';

const FRONT_SECONDS = 60;

/** A move. @returns what became of it */
export function modelMove(
  model: Model,
  name: string,
  action: 'release' | 'delay',
): 'moved' | 'not_waiting' | 'unknown' {
  model.now += 1;
  const job = model.jobs.find((known) => known.name === name);
  if (job === undefined) return 'unknown';
  if (job.state === 'grading' || job.state === 'finished') return 'not_waiting';
  const place = servingPlace(model, job);
  place.names = name;
  job.isNamed = true;
  if (action === 'release') {
    place.releaseAt = frontOf(model);
    place.notBefore = null;
  } else {
    place.releaseAt = Math.max(model.now, ...model.places.map(({ releaseAt }) => releaseAt)) + 1;
    job.isImmediate = false;
  }
  return 'moved';
}

/** A cancel. @returns where the job was, or why nothing was changed */
export function modelCancel(model: Model, name: string): ModelJob['state'] | 'unknown' {
  model.now += 1;
  const job = model.jobs.find((known) => known.name === name);
  if (job === undefined) return 'unknown';
  const { state } = job;
  if (state === 'finished') return state;
  if (state !== 'grading') model.places.splice(model.places.indexOf(servingPlace(model, job)), 1);
  end(model, job, 'cancelled');
  return state;
}

function frontOf(model: Model): number {
  const places = model.places.map(({ releaseAt }) => releaseAt);
  const runs = model.jobs.flatMap(({ run }) => (run === null ? [] : [run.releaseAt]));
  return Math.min(model.now - FRONT_SECONDS * SECOND, ...places, ...runs) - 1;
}
