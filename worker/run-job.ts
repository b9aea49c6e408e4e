import { randomBytes } from 'node:crypto';
import type { Logger } from '@orca/daemon';
import {
  type ClaimedJob,
  type Database,
  finishJob,
  notifyDeliveries,
  notifyJobs,
  recordContainer,
  returnJob,
} from '@orca/database';
import type { Graded, Grading, SandboxEvent } from '@orca/grading';
import { DEFAULT_LIMITS, effectiveLimits } from '@orca/protocol';
import type { EngineWatch } from './engine-watch.ts';
import type { LeaseKeeper } from './keep-lease.ts';
import type { LiveRun, LiveRuns } from './live-runs.ts';
import { untilDatabaseAnswers } from './until-database-answers.ts';

/** What surrounds the script in a run, in seconds: three slow tries for the files, image, container, unpacking. */
const OVERHEAD_SECONDS_MAX = 300;

const GRADING_ID_BYTES = 18;

/** What a run needs. */
export interface RunDeps {
  readonly db: Database;
  readonly grading: Pick<Grading, 'grade'>;
  readonly keeper: LeaseKeeper;
  readonly engine: EngineWatch;
  readonly runs: LiveRuns;
  readonly log: Logger;
  /** Aborts when the process must end: nothing is waited for any more. */
  readonly endOfLife: AbortSignal;
}

/**
 * Takes a claimed job to its end: grades it and stores its result, or hands it back. The lease is kept meanwhile; a
 * run that is stopped because it lost its lease writes nothing.
 *
 * @returns always; what cannot be stored is taken over by another worker when the lease has run out
 */
export async function runJob(job: ClaimedJob, deps: RunDeps): Promise<void> {
  const log = deps.log.child({ jobId: job.jobId, generation: job.generation, attempt: job.attempt });
  using run = deps.runs.open(job);
  const renewSecondsMax =
    effectiveLimits(job.config, DEFAULT_LIMITS).limits.wallSeconds + OVERHEAD_SECONDS_MAX;
  const letGo = deps.keeper.keep({ ...leaseOf(job), renewSecondsMax }, () => run.stop('lost'));
  const overdue = setTimeout(() => run.stop('overdue'), renewSecondsMax * 1_000);
  try {
    log.info({ queuedMs: job.queuedMs }, 'job claimed');
    const gradingId = `msg_${randomBytes(GRADING_ID_BYTES).toString('base64url')}`;
    const graded = await gradeIt(run, gradingId, { ...deps, log });
    await settle(graded, gradingId, run, { ...deps, log });
  } catch (err) {
    log.error({ err }, 'the end of a run could not be stored: its lease will run out');
  } finally {
    clearTimeout(overdue);
    letGo();
  }
}

function leaseOf({ jobId, leaseToken }: ClaimedJob): { jobId: number; leaseToken: string } {
  return { jobId, leaseToken };
}

async function gradeIt(run: LiveRun, gradingId: string, deps: RunDeps): Promise<Graded> {
  const { key, config, queuedMs } = run.job;
  const onEvent = (event: SandboxEvent): void => {
    if (event.kind !== 'container') return;
    run.noteContainer(event.name);
    // Not awaited: the job need not wait for it, and without the row the container goes by its worker's life.
    recordContainer(deps.db, { ...leaseOf(run.job), container: event.name }).catch((err: unknown) => {
      deps.log.debug({ err }, 'the container could not be recorded');
    });
  };
  return await deps.grading.grade({ key, config, gradingId, queuedMs }, onEvent, run.signal);
}

async function settle(graded: Graded, gradingId: string, run: LiveRun, deps: RunDeps): Promise<void> {
  switch (graded.kind) {
    case 'result':
      return await storeResult(graded, gradingId, run.job, deps);
    case 'fault':
      deps.engine.report(graded.cause);
      deps.log.warn({ reason: graded.sentence, err: graded.cause }, 'run failed through no fault of the job');
      return await handBack(run.job, { reason: 'fault', cause: graded.sentence }, deps);
    case 'stopped':
      return await settleStopped(run, deps);
    default:
      graded satisfies never;
  }
}

async function settleStopped(run: LiveRun, deps: RunDeps): Promise<void> {
  switch (run.stopReason) {
    case 'lost':
      deps.log.info('run stopped: the job is no longer ours');
      return;
    case 'shutdown':
      return await handBack(run.job, { reason: 'shutdown', cause: 'The worker was told to stop' }, deps);
    case 'overdue':
    case null: {
      const cause = 'The run did not end in the time that the limits of the job allow for';
      deps.log.error('run stopped: it took longer than the limits of the job allow for');
      return await handBack(run.job, { reason: 'fault', cause }, deps);
    }
    default:
      run.stopReason satisfies never;
  }
}

async function storeResult(
  { outcome, body }: Extract<Graded, { kind: 'result' }>,
  gradingId: string,
  job: ClaimedJob,
  { db, log, endOfLife }: RunDeps,
): Promise<void> {
  const finish = () => finishJob(db, { ...leaseOf(job), outcome, gradingId, body });
  const isStored = await untilDatabaseAnswers(finish, { log }, endOfLife);
  if (isStored === null) log.error('the result is lost: the worker had to end before the database answered');
  // After a commit whose answer was lost, the second try finds the job finished: then it is stored all the same.
  else if (!isStored) log.warn('result not stored: the job is no longer ours');
  else log.info({ outcome, resultBytes: Buffer.byteLength(body) }, 'job finished');
  if (isStored !== null) await tell(() => notifyDeliveries(db), log);
}

/**
 * Gives a job back to the queue: another worker, or this one later, takes it.
 *
 * @returns also when that cannot be stored any more: then the lease runs out
 * @throws {DatabaseError} other than that the database is away
 */
export async function handBack(
  job: ClaimedJob,
  why: { readonly reason: 'shutdown' | 'fault'; readonly cause: string },
  { db, log, endOfLife }: Pick<RunDeps, 'db' | 'log' | 'endOfLife'>,
): Promise<void> {
  const giveBack = () => returnJob(db, { ...leaseOf(job), ...why });
  const became = await untilDatabaseAnswers(giveBack, { log }, endOfLife);
  if (became === null) {
    log.error('the job was not handed back: the worker had to end before the database answered');
    return;
  }
  log.info({ became, reason: why.reason }, 'job handed back');
  await tell(() => notifyJobs(db), log);
  await tell(() => notifyDeliveries(db), log);
}

/** Notifications only save time: whoever misses one looks by himself after some seconds. */
async function tell(notify: () => Promise<unknown>, log: Logger): Promise<void> {
  await notify().catch((err: unknown) => log.debug({ err }, 'a notification could not be sent'));
}
