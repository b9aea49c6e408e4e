import { comeBack, type Model, type ModelJob, SECOND, servingPlace } from './model.ts';

/** A PUT in the model. */
export type ModelPut = {
  name: string;
  submitter: string;
  content: string;
  image: 'ready' | 'building' | 'unknown';
  delaySeconds: number;
  immediate: boolean;
};

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
