import { type Database, type ListedRun, type ListedWorker, listRuns, listWorkers } from '@orca/database';
import { WorkerListSchema } from '@orca/protocol';
import type { FastifyInstance } from 'fastify';
import { type Caller, mayActFor } from '../authenticate.ts';
import { callerOf, requireStaff } from '../require-caller.ts';

/** `GET /workers`: who works, and on what. */
export function registerBrowseWorkers(server: FastifyInstance, { db }: { db: Database }): void {
  const schema = {
    tags: ['workers'],
    summary: 'The workers, and what each does now',
    response: { 200: WorkerListSchema },
  };
  server.get('/workers', { onRequest: requireStaff, schema }, async (request) => {
    const caller = callerOf(request);
    const [workers, runs] = await Promise.all([listWorkers(db), listRuns(db)]);
    const byWorker = Map.groupBy(runs, ({ workerId }) => workerId);
    return {
      workers: workers.map((worker) => shownWorker(worker, byWorker.get(worker.workerId) ?? [], caller)),
    };
  });
}

/** How busy a worker is concerns all; with whose jobs, only those whom the jobs concern. */
function shownWorker(worker: ListedWorker, runs: readonly ListedRun[], caller: Caller) {
  return {
    id: worker.workerId,
    hostname: worker.hostname,
    version: worker.version,
    slots: worker.slots,
    busy: runs.length,
    state: stateOf(worker),
    troubles: worker.troubles,
    engine_id: worker.engineId,
    registered_at: worker.registeredAt,
    beat_at: worker.beatAt,
    runs: runs.filter(({ client }) => mayActFor(caller, client)).map(shownRun),
  };
}

function stateOf({ isAlive, isIdle, troubles }: ListedWorker): 'idle' | 'working' | 'troubled' | 'silent' {
  if (!isAlive) return 'silent';
  if (troubles.length > 0) return 'troubled';
  return isIdle ? 'idle' : 'working';
}

function shownRun(run: ListedRun) {
  return {
    job_id: run.jobId,
    generation: run.generation,
    client: run.client,
    phase: run.container === null ? 'fetching' : 'running',
    container: run.container,
    claimed_at: run.claimedAt,
    seconds: run.seconds,
  };
}
