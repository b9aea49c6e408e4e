import { randomBytes } from 'node:crypto';
import type { Gate, Logger, SpanExporter } from '@orca/daemon';
import {
  type Claim,
  type ClaimedJob,
  type Database,
  finishAndClaimJob,
  finishJob,
  holdJob,
  noteImageUse,
  notifyDeliveries,
  notifyImages,
  notifyJobs,
  type ReturnReason,
  recordContainer,
  returnJob,
} from '@orca/database';
import { describeCommand, type Graded, type Grading, type RunEvent } from '@orca/grading';
import { DEFAULT_LIMITS, effectiveLimits, flattenScript } from '@orca/protocol';
import type { Fitness } from './fitness.ts';
import type { LeaseKeeper } from './keep-lease.ts';
import type { LiveRun, LiveRuns } from './live-runs.ts';
import { type RunCommand, spansOfRun } from './run-spans.ts';
import { createCommandTeller } from './tell-commands.ts';
import { untilDatabaseAnswers } from './until-database-answers.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/**
 * What surrounds the script in a run, in seconds: an image that has to be fetched and loaded (20 min), three slow tries for
 * the files, container, unpacking (5 min).
 */
const OVERHEAD_SECONDS_MAX = 1_500;

const GRADING_ID_BYTES = 18;

/** What a run needs. */
export interface RunDeps {
  readonly db: Database;
  readonly grading: Pick<Grading, 'grade'>;
  readonly keeper: LeaseKeeper;
  readonly fitness: Pick<Fitness, 'report'>;
  readonly runs: LiveRuns;
  readonly metrics: Pick<WorkerMetrics, 'noteRun' | 'noteContainer'>;
  readonly spans: Pick<SpanExporter, 'add'>;
  readonly log: Logger;
  readonly gate: Gate;
  /** Aborts when the process must end: nothing is waited for any more. */
  readonly endOfLife: AbortSignal;
}

/**
 * Takes a claimed job to its end: grades it and stores its result, or hands it back. The lease is kept meanwhile; a
 * run that is stopped because it lost its lease writes nothing.
 *
 * @param nextClaim how to claim the next job when a result is stored, `null` when not to
 * @returns always, with the job that was claimed so; what cannot be stored is taken over when the lease has run out
 */
export async function runJob(
  job: ClaimedJob,
  deps: RunDeps,
  nextClaim: () => Claim | null,
): Promise<ClaimedJob | null> {
  const log = deps.log.child({ jobId: job.jobId, generation: job.generation, attempt: job.attempt });
  using run = deps.runs.open(job);
  const renewSecondsMax =
    effectiveLimits(job.config, DEFAULT_LIMITS).limits.wallSeconds + OVERHEAD_SECONDS_MAX;
  const letGo = deps.keeper.keep({ ...leaseOf(job), renewSecondsMax }, () => run.stop('lost'));
  const overdue = setTimeout(() => run.stop('overdue'), renewSecondsMax * 1_000);
  try {
    log.info({ queuedMs: job.queuedMs }, 'job claimed');
    deps.gate('claimed');
    const gradingId = `msg_${randomBytes(GRADING_ID_BYTES).toString('base64url')}`;
    const claimedAtMs = Date.now();
    const { graded, commands } = await gradeIt(run, gradingId, { ...deps, log });
    deps.metrics.noteRun(graded, run.stopReason);
    if (graded.kind !== 'result') {
      await settle(graded, run, { ...deps, log });
      return null;
    }
    const next = await storeResult(graded, { job, gradingId, nextClaim }, { ...deps, log });
    const times = { claimedAtMs, storedAtMs: Date.now(), commands };
    deps.spans.add(spansOfRun({ ...job, ...graded, gradingId, ...times }));
    return next;
  } catch (err) {
    log.error({ err }, 'the end of a run could not be stored: its lease will run out');
    return null;
  } finally {
    clearTimeout(overdue);
    letGo();
  }
}

function leaseOf({ jobId, leaseToken }: ClaimedJob): { jobId: number; leaseToken: string } {
  return { jobId, leaseToken };
}

async function gradeIt(
  run: LiveRun,
  gradingId: string,
  deps: RunDeps,
): Promise<{ graded: Graded; commands: readonly RunCommand[] }> {
  const { key, config, queuedMs } = run.job;
  // Not awaited either: it only says what is to be kept longest.
  noteImageUse(deps.db, config.grader_image_sha).catch((err: unknown) => {
    deps.log.debug({ err }, 'the use of an image could not be noted');
  });
  const passGates = gatesOf(deps.gate);
  const teller = createCommandTeller(leaseOf(run.job), deps);
  const steps = flattenScript(config.script);
  const commands: RunCommand[] = [];
  const onEvent = (event: RunEvent): void => {
    passGates(event);
    if (event.kind === 'step_finished') {
      teller.tell({ ...describeCommand(event, steps) });
      const { step, status, usage } = event.report;
      commands.push({ step, status, wallMs: usage.wallMs, endedAtMs: Date.now() });
    }
    if (event.kind !== 'container') return;
    run.noteContainer(event.name);
    deps.metrics.noteContainer(event.startedAhead);
    // Not awaited: the job need not wait for it, and without the row the container goes by its worker's life. It tells of
    // a job that was cancelled before anybody here listened for it.
    recordContainer(deps.db, { ...leaseOf(run.job), container: event.name }).then(
      (isOurs) => {
        if (!isOurs) run.stop('lost');
      },
      (err: unknown) => deps.log.debug({ err }, 'the container could not be recorded'),
    );
  };
  const graded = await deps.grading.grade({ key, config, gradingId, queuedMs }, onEvent, run.signal);
  await teller.settle();
  return { graded, commands };
}

/** The points of a run at which a test may kill the worker. */
function gatesOf(gate: Gate): (event: RunEvent) => void {
  let hasStarted = false;
  return (event) => {
    if (event.kind === 'stage_done') gate(event.stage === 'image' ? 'image_ready' : 'files_fetched');
    if (event.kind === 'step_started') {
      if (!hasStarted) gate('container_started');
      hasStarted = true;
      gate('step_started');
    }
    if (event.kind === 'step_finished') gate('step_done');
  };
}

type Result = Extract<Graded, { kind: 'result' }>;

/** What becomes of a job that has no result. */
async function settle(graded: Exclude<Graded, Result>, run: LiveRun, deps: RunDeps): Promise<void> {
  switch (graded.kind) {
    case 'fault':
      deps.fitness.report(graded.cause);
      deps.log.warn({ reason: graded.sentence, err: graded.cause }, 'run failed through no fault of the job');
      return await handBack(run.job, { reason: 'fault', cause: graded.sentence }, deps);
    case 'not_now':
      // No trouble of this worker's: the jobs whose images it has can be graded.
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
async function waitForImage(job: ClaimedJob, { db, log, endOfLife }: RunDeps): Promise<void> {
  const held = await untilDatabaseAnswers(() => holdJob(db, leaseOf(job)), { log }, endOfLife);
  log.info({ held, sha: job.config.grader_image_sha }, 'job put back: its image is not built any more');
  // Hints: builders, workers and servers look by themselves, too.
  await Promise.allSettled([
    held === 'held' ? notifyImages(db) : null,
    held === 'returned' ? notifyJobs(db) : null,
    notifyDeliveries(db),
  ]);
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

/** @returns the job that was claimed with it */
async function storeResult(
  { outcome, body }: Result,
  { job, gradingId, nextClaim }: { job: ClaimedJob; gradingId: string; nextClaim: () => Claim | null },
  { db, log, gate, endOfLife }: RunDeps,
): Promise<ClaimedJob | null> {
  gate('before_commit');
  const run = { ...leaseOf(job), outcome, gradingId, body };
  const finish = async () => {
    const claim = nextClaim();
    return claim === null
      ? { isStored: await finishJob(db, run), next: null }
      : await finishAndClaimJob(db, run, claim);
  };
  const answer = await untilDatabaseAnswers(finish, { log }, endOfLife);
  gate('after_commit');
  if (answer === null) log.error('the result is lost: the worker had to end before the database answered');
  // After a commit whose answer was lost, the second try finds the job finished: then it is stored all the same.
  else if (!answer.isStored) log.warn('result not stored: the job is no longer ours');
  else log.info({ outcome, resultBytes: Buffer.byteLength(body) }, 'job finished');
  // Not awaited: the lease of the next job is kept only once that runs.
  if (answer !== null) void tell(() => notifyDeliveries(db), log);
  return answer?.next ?? null;
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
