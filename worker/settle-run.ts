import type { Logger } from '@orca/daemon';
import {
  type ClaimedJob,
  type Database,
  holdJob,
  notifyDeliveries,
  notifyImages,
  notifyJobs,
  type ReturnReason,
  returnJob,
} from '@orca/database';
import type { Graded } from '@orca/grading';
import type { Fitness } from './fitness.ts';
import type { LiveRun } from './live-runs.ts';
import { untilDatabaseAnswers } from './until-database-answers.ts';

/** What is needed to settle a job that has no result. */
export interface SettleDeps {
  readonly db: Database;
  readonly fitness: Pick<Fitness, 'report'>;
  readonly log: Logger;
  /** Aborts when the process must end: nothing is waited for any more. */
  readonly endOfLife: AbortSignal;
}

/** What becomes of a job that has no result. */
export async function settle(
  graded: Exclude<Graded, { kind: 'result' }>,
  run: LiveRun,
  deps: SettleDeps,
): Promise<void> {
  switch (graded.kind) {
    case 'fault':
      deps.fitness.report(graded.cause);
      deps.log.warn({ reason: graded.sentence, err: graded.cause }, 'run failed through no fault of the job');
      return await handBack(run.job, { reason: 'fault', cause: graded.sentence }, deps);
    case 'not_now':
      // An archive that cannot be had is no trouble of this worker's: the jobs whose images it has can be graded. That it has
      // no base image is.
      deps.fitness.report(graded.cause);
      deps.log.warn({ reason: graded.sentence, err: graded.cause }, 'run put off: it cannot be now');
      return await handBack(run.job, { reason: 'not_now', cause: graded.sentence }, deps);
    case 'image_gone':
      return await waitForImage(run.job, deps);
    case 'stopped':
      return await settleStopped(run, deps);
    default:
      graded satisfies never;
  }
}

/** Puts a job back into the holding pen: its image has to be built before anything else. */
async function waitForImage(job: ClaimedJob, { db, log, endOfLife }: SettleDeps): Promise<void> {
  const held = await untilDatabaseAnswers(() => holdJob(db, leaseOf(job)), { log }, endOfLife);
  log.info({ held, sha: job.config.grader_image_sha }, 'job put back: its image is not built any more');
  // Hints: builders, workers and servers look by themselves, too.
  await Promise.allSettled([
    held === 'held' ? notifyImages(db) : null,
    held === 'returned' ? notifyJobs(db) : null,
    notifyDeliveries(db),
  ]);
}

async function settleStopped(run: LiveRun, deps: SettleDeps): Promise<void> {
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

/**
 * Gives a job back to the queue: another worker, or this one later, takes it.
 *
 * @returns also when that cannot be stored any more: then the lease runs out
 * @throws {DatabaseError} other than that the database is away
 */
export async function handBack(
  job: ClaimedJob,
  why: { readonly reason: ReturnReason; readonly cause: string },
  { db, log, endOfLife }: Pick<SettleDeps, 'db' | 'log' | 'endOfLife'>,
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

/** What is told only saves time, or shows what goes on: nothing waits for it, and a notification that is missed is made up for by a look. */
export async function tell(notify: () => Promise<unknown>, log: Logger): Promise<void> {
  await notify().catch((err: unknown) => log.debug({ err }, 'a notification could not be sent'));
}

/** What names a run in the database. */
export function leaseOf({ jobId, leaseToken }: ClaimedJob): { jobId: number; leaseToken: string } {
  return { jobId, leaseToken };
}
