import { type Gate, type Logger, type SpanExporter, sleep } from '@orca/daemon';
import type { ClaimedJob, Database } from '@orca/database';
import type { Grading } from '@orca/grading';
import { checkLeases } from './check-leases.ts';
import { runClaimLoop } from './claim-loop.ts';
import type { Fitness } from './fitness.ts';
import { createImageUses } from './image-uses.ts';
import { startLeaseKeeper } from './keep-lease.ts';
import { createLiveRuns } from './live-runs.ts';
import { runJob } from './run-job.ts';
import { handBack } from './settle-run.ts';
import { createSlots, type Slots } from './slots.ts';
import { createWakeUp } from './wake-up.ts';
import { watchNotifications } from './watch-notifications.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** How a worker works. */
export interface WorkOptions {
  readonly workerId: string;
  /** Jobs at once. */
  readonly slots: number;
  readonly leaseSeconds: number;
  /** How long to wait for work that nobody tells of, in milliseconds. */
  readonly pollMs: number;
  /** How long running jobs may go on once it has been told to stop, in milliseconds. */
  readonly graceMs: number;
  /** How long the parts of a run beside its script may take together, in seconds; it is handed back when they take longer. */
  readonly overheadSeconds: number;
  /** How long handing back may take then, in milliseconds; has a default. */
  readonly handBackMs?: number;
}

/** What a worker works with. */
export interface WorkDeps {
  readonly db: Database;
  readonly grading: Pick<Grading, 'grade'>;
  readonly fitness: Fitness;
  readonly metrics: Pick<WorkerMetrics, 'noteRun' | 'noteContainer'>;
  readonly spans: Pick<SpanExporter, 'add'>;
  readonly gate: Gate;
  readonly log: Logger;
}

/** Work under way. */
export interface Work {
  readonly slots: Pick<Slots, 'taken'>;
  /**
   * Ends it: running jobs get their grace, then they are stopped and handed back. Nothing runs afterwards.
   *
   * @param hurried ends the grace
   */
  drain(hurried: AbortSignal): Promise<void>;
}

/** Handing back takes so long at most, in milliseconds: containers are killed first. */
const HAND_BACK_MS = 20_000;

/** What still waits for the database then gives up, and takes so long at most to end. */
const LAST_WORDS_MS_MAX = 5_000;

/**
 * Claims jobs and grades them, until told to stop.
 *
 * @param stopping no job is claimed any more once it has aborted; then call `drain`
 */
export async function startWork(options: WorkOptions, deps: WorkDeps, stopping: AbortSignal): Promise<Work> {
  const { db, log } = deps;
  const { leaseSeconds } = options;
  const runs = createLiveRuns();
  const slots = createSlots(options.slots);
  const wakeUp = createWakeUp();
  const endOfLife = new AbortController();
  const keeper = await startLeaseKeeper({ databaseUrl: db.url, leaseSeconds }, { log });
  const listening = watchNotifications({ db, leaseSeconds, runs, wakeUp, log }, endOfLife.signal);
  const runDeps = {
    ...deps,
    keeper,
    runs,
    imageUses: createImageUses({ db, log }),
    endOfLife: endOfLife.signal,
    overheadSeconds: options.overheadSeconds,
  };
  const claiming = runClaimLoop(
    {
      ...options,
      ...deps,
      slots,
      wakeUp,
      renewOwnLeases: () => checkLeases(runs.list(), { db, leaseSeconds }),
      runJob: (job, nextClaim) => runJob(job, runDeps, nextClaim),
      handBack: (job) => handBackAtEnd(job, runDeps),
    },
    stopping,
  );
  return {
    slots,
    async drain(hurried) {
      // The claim that was on its way may have to be handed back, too.
      const ended = Promise.all([claiming, slots.untilEmpty()]);
      await waitAtMost(ended, options.graceMs, hurried);
      for (const run of runs.list()) run.stop('shutdown');
      await waitAtMost(ended, options.handBackMs ?? HAND_BACK_MS);
      endOfLife.abort();
      // An engine that hangs may hold a run for ever; the process ends all the same, and its container with it.
      await waitAtMost(ended, LAST_WORDS_MS_MAX);
      await listening;
      await keeper[Symbol.asyncDispose]();
    },
  };
}

async function handBackAtEnd(job: ClaimedJob, deps: Parameters<typeof handBack>[2]): Promise<void> {
  try {
    await handBack(job, { reason: 'shutdown', cause: 'The worker was told to stop' }, deps);
  } catch (err) {
    deps.log.error({ err }, 'a job could not be handed back: its lease will run out');
  }
}

/** Waits for something, for at most a time, or until the signal aborts; leaves no timer behind. */
async function waitAtMost(work: Promise<unknown>, ms: number, signal?: AbortSignal): Promise<void> {
  const over = new AbortController();
  const either = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
  await Promise.race([work, sleep(ms, either)]);
  over.abort();
}
