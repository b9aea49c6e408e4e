import { type Model, type ModelJob, type ModelPlace, modelPassTime, servingPlace } from '../queue/model.ts';
import { modelPut } from '../queue/model-put.ts';
import {
  modelClaim,
  modelClaimWaiting,
  modelFinish,
  modelHold,
  modelRenew,
  modelReturn,
  modelSettle,
} from '../queue/model-run.ts';
import { modelCancel, modelMove } from '../queue/model-steer.ts';
import type { Deed, KnownRun, OnRun } from './queue-deeds.ts';
import type { Operation } from './queue-operations.ts';

/** The model, and what the database's tokens are in it. */
export type Foreseen = { model: Model; tokens: Map<string, number> };

/**
 * Does it to the model.
 *
 * @param locked jobs whose places a claim passes over
 * @returns what the database should have said
 */
export function foresee(
  { operation, run, claimed }: Deed,
  { model, tokens }: Foreseen,
  locked: ReadonlySet<string> = new Set(),
): string {
  switch (operation.kind) {
    case 'put':
      // Another image is another content.
      return modelPut(model, { ...operation, content: contentOf(operation) });
    case 'claim':
      return given(modelClaim(model, placesOf(model, locked)), claimed, { model, tokens });
    case 'finish_and_claim': {
      if (run === null) return '';
      const isStored = modelFinish(model, run.name, tokens.get(run.leaseToken) ?? 0);
      const job = modelClaimWaiting(model, placesOf(model, locked));
      return `${isStored}, ${given(job, claimed, { model, tokens })}`;
    }
    case 'release':
    case 'delay':
      return modelMove(model, operation.name, operation.kind);
    case 'cancel':
      return modelCancel(model, operation.name);
    case 'built':
    case 'build_failed':
      modelSettle(model, operation.kind === 'built' ? 'built' : 'failed');
      return 'settled';
    case 'pass':
      modelPassTime(model, operation.seconds);
      return 'passed';
    case 'renew':
    case 'finish':
    case 'shutdown':
    case 'not_now':
    case 'fault':
    case 'hold':
      return run === null ? '' : foreseeOnRun(operation.kind, run, { model, tokens });
    default:
      return operation satisfies never;
  }
}

/** Notes the token of a run that the database has given. */
function given(job: ModelJob | null, claimed: KnownRun | null, { model, tokens }: Foreseen): string {
  if (job === null) return 'none';
  if (claimed !== null) tokens.set(claimed.leaseToken, model.tokens);
  return `${job.name} ${job.generation} ${job.faults + 1}`;
}

function placesOf(model: Model, names: ReadonlySet<string>): ModelPlace[] {
  return model.jobs
    .filter(({ name, state }) => names.has(name) && (state === 'waiting' || state === 'held'))
    .map((job) => servingPlace(model, job));
}

function contentOf({ content, image }: Extract<Operation, { kind: 'put' }>): string {
  return `${content} ${image}`;
}

function foreseeOnRun(kind: OnRun, { name, leaseToken }: KnownRun, { model, tokens }: Foreseen): string {
  const token = tokens.get(leaseToken) ?? 0;
  switch (kind) {
    case 'renew':
      return String(modelRenew(model, name, token));
    case 'finish':
      return String(modelFinish(model, name, token));
    case 'shutdown':
    case 'not_now':
    case 'fault':
      return modelReturn(model, name, token, kind);
    case 'hold': {
      const isReady = !model.jobs.find((job) => job.name === name)?.content.endsWith(' building');
      return modelHold(model, name, token, isReady);
    }
    default:
      return kind satisfies never;
  }
}
