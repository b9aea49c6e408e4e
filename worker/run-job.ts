import { randomBytes } from 'node:crypto';
import type { Gate, SpanExporter } from '@orca/daemon';
import {
  type Claim,
  type ClaimedJob,
  type CommandFacts,
  finishAndClaimJob,
  noteCommands,
  notifyDeliveries,
  recordContainer,
} from '@orca/database';
import { describeCommand, type Graded, type Grading, type RunEvent } from '@orca/grading';
import { DEFAULT_LIMITS, effectiveLimits, flattenScript } from '@orca/protocol';
import type { ImageUses } from './image-uses.ts';
import type { LeaseKeeper } from './keep-lease.ts';
import type { LiveRun, LiveRuns } from './live-runs.ts';
import { type RunCommand, spansOfRun } from './run-spans.ts';
import { leaseOf, type SettleDeps, settle, tell } from './settle-run.ts';
import { createCommandTeller } from './tell-commands.ts';
import { untilDatabaseAnswers } from './until-database-answers.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

const GRADING_ID_BYTES = 18;

/** What a run needs. */
export interface RunDeps extends SettleDeps {
  readonly grading: Pick<Grading, 'grade'>;
  readonly keeper: LeaseKeeper;
  readonly runs: LiveRuns;
  readonly imageUses: ImageUses;
  readonly metrics: Pick<WorkerMetrics, 'noteRun' | 'noteContainer'>;
  readonly spans: Pick<SpanExporter, 'add'>;
  readonly gate: Gate;
  /** What may surround the script in a run, in seconds: image, files, container, unpacking. */
  readonly overheadSeconds: number;
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
    effectiveLimits(job.config, DEFAULT_LIMITS).limits.wallSeconds + deps.overheadSeconds;
  const letGo = deps.keeper.keep({ ...leaseOf(job), renewSecondsMax }, () => run.stop('lost'));
  const overdue = setTimeout(() => run.stop('overdue'), renewSecondsMax * 1_000);
  try {
    log.info({ queuedMs: job.queuedMs }, 'job claimed');
    deps.gate('claimed');
    const gradingId = `msg_${randomBytes(GRADING_ID_BYTES).toString('base64url')}`;
    const claimedAtMs = Date.now();
    const { graded, commands, untold } = await gradeIt(run, gradingId, { ...deps, log });
    deps.metrics.noteRun(graded, run.stopReason);
    if (graded.kind !== 'result') {
      if (untold.length > 0) void tell(() => noteCommands(deps.db, leaseOf(job), untold), log);
      await settle(graded, run, { ...deps, log });
      return null;
    }
    const end = { job, gradingId, untold, nextClaim };
    const { isStored, next } = await storeResult(graded, end, { ...deps, log });
    const times = { claimedAtMs, storedAtMs: Date.now(), commands };
    // Of a run that counts no more, a collector would show an outcome that the job does not have.
    if (isStored) deps.spans.add(spansOfRun({ ...job, ...graded, gradingId, ...times }));
    return next;
  } catch (err) {
    log.error({ err }, 'the end of a run could not be stored: its lease will run out');
    return null;
  } finally {
    clearTimeout(overdue);
    letGo();
  }
}

async function gradeIt(
  run: LiveRun,
  gradingId: string,
  deps: RunDeps,
): Promise<{ graded: Graded; commands: readonly RunCommand[]; untold: readonly CommandFacts[] }> {
  const { key, config, queuedMs } = run.job;
  deps.imageUses.note(config.grader_image_sha);
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
  return { graded, commands, untold: await teller.end() };
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

/** What goes into a result's transaction beside it. */
interface EndOfRun {
  readonly job: ClaimedJob;
  readonly gradingId: string;
  /** Commands whose events are still to be written. */
  readonly untold: readonly CommandFacts[];
  readonly nextClaim: () => Claim | null;
}

/** @returns `isStored`: as far as is known; `next`: the job that was claimed with it */
async function storeResult(
  { outcome, body }: Result,
  { job, gradingId, untold, nextClaim }: EndOfRun,
  { db, log, gate, endOfLife }: RunDeps,
): Promise<{ isStored: boolean; next: ClaimedJob | null }> {
  gate('before_commit');
  const run = { ...leaseOf(job), outcome, gradingId, body };
  const finish = () => finishAndClaimJob(db, run, nextClaim(), untold);
  const answer = await untilDatabaseAnswers(finish, { log }, endOfLife);
  gate('after_commit');
  if (answer === null) log.error('the result is lost: the worker had to end before the database answered');
  // After a commit whose answer was lost, the second try finds the job finished: then it is stored all the same, and only
  // its spans are missing.
  else if (!answer.isStored) log.warn('result not stored: the job is no longer ours');
  else log.info({ outcome, resultBytes: Buffer.byteLength(body) }, 'job finished');
  // Not awaited: the lease of the next job is kept only once that runs.
  if (answer !== null) void tell(() => notifyDeliveries(db), log);
  return answer ?? { isStored: false, next: null };
}
