import { backoff, type Logger, sleep } from '@orca/daemon';
import {
  type Claim,
  type ClaimedJob,
  claimJob,
  claimWaitingJob,
  type Database,
  nextReleaseMs,
  notifyDeliveries,
  setWorkerIdle,
} from '@orca/database';
import type { Fitness } from './fitness.ts';
import type { Slots } from './slots.ts';
import type { WakeUp } from './wake-up.ts';

const WAITS_WHEN_AWAY = { baseMs: 200, maxMs: 5_000, jitter: 0.2 };

/** The share by which polls differ, so that the workers do not all ask at once. */
const POLL_JITTER = 0.3;

/** The loop renews its worker's leases itself when it has not heard from the database for half a lease. */
const SILENCES_A_LEASE = 2;

/**
 * So often, in milliseconds, a claim looks for runs whose lease has run out and for ended back-offs first, which costs more
 * than itself. A worker with nothing to do looks whenever it finds nothing, so the lease of a dead one waits for this only
 * where all are busy.
 */
const LOOK_EVERY_MS = 5_000;

/** Even when something should be due at once, the loop does not spin: another worker may just be taking it. */
const WAIT_MS_MIN = 20;

/** What the loop needs. */
export interface ClaimDeps {
  readonly db: Database;
  readonly workerId: string;
  readonly leaseSeconds: number;
  /** How long to wait for work that nobody tells of, in milliseconds. */
  readonly pollMs: number;
  readonly slots: Slots;
  readonly fitness: Pick<Fitness, 'untilFit' | 'troubles'>;
  /** Called when there may be work. */
  readonly wakeUp: WakeUp;
  readonly log: Logger;
  /** Renews the leases of this worker's own runs. */
  readonly renewOwnLeases: () => Promise<void>;
  /**
   * Takes a job to its end; never throws.
   *
   * @param nextClaim asked when its result is to be stored: how to claim the next job with that, `null` when not to
   * @returns the job that was claimed so
   */
  readonly runJob: (job: ClaimedJob, nextClaim: () => Claim | null) => Promise<ClaimedJob | null>;
  /** Gives back a job that was claimed while the worker was told to stop; never throws. */
  readonly handBack: (job: ClaimedJob) => Promise<void>;
}

/**
 * Claims jobs for as long as there are free slots and nothing that a job needs fails, and waits for them otherwise: for a
 * notification, for the next release, or for the poll.
 *
 * @param stopping ends the loop; a claim on its way then is handed back
 * @returns when it has ended; jobs may still run in the slots
 */
export async function runClaimLoop(deps: ClaimDeps, stopping: AbortSignal): Promise<void> {
  const { slots, fitness, log } = deps;
  const state: LoopState = {
    idleness: createIdleness(deps),
    answeredAtMs: performance.now(),
    lookedAtMs: Number.NEGATIVE_INFINITY,
  };
  let failures = 0;
  while (!stopping.aborted) {
    await slots.untilFree(stopping);
    await fitness.untilFit(stopping);
    if (stopping.aborted) break;
    try {
      const job = await claimOrWait(deps, state, stopping);
      if (failures > 0) log.info('the database answers again');
      failures = 0;
      if (job === null) continue;
      if (stopping.aborted) await deps.handBack(job);
      else slots.run(() => runInTurn(job, deps, state, stopping));
    } catch (err) {
      failures += 1;
      if (failures === 1)
        log.error({ err }, 'no job can be claimed: the database does not answer as it should');
      await sleep(backoff(failures, WAITS_WHEN_AWAY), stopping);
    }
  }
}

/** What the loop remembers from one turn to the next. */
interface LoopState {
  readonly idleness: Idleness;
  /** When the database last answered, by `performance.now()`. */
  answeredAtMs: number;
  /** When it was last looked for expired leases and ended back-offs. */
  lookedAtMs: number;
}

/** Runs a job, and in the same slot those that are claimed when the one before is stored. */
async function runInTurn(
  first: ClaimedJob,
  deps: ClaimDeps,
  state: LoopState,
  stopping: AbortSignal,
): Promise<void> {
  const askNext = (): Claim | null => nextClaim(deps, state, stopping);
  let job = await deps.runJob(first, askNext);
  while (job !== null) {
    state.answeredAtMs = performance.now();
    if (stopping.aborted) return await deps.handBack(job);
    job = await deps.runJob(job, askNext);
  }
}

/** What the loop itself would do before its claim must not be left out: then it claims. */
function nextClaim(
  { workerId, leaseSeconds, fitness }: ClaimDeps,
  state: LoopState,
  stopping: AbortSignal,
): Claim | null {
  const isFree = !stopping.aborted && fitness.troubles.length === 0 && !state.idleness.isSaid;
  return isFree && !isLookDue(state) && !isSilent(state, leaseSeconds) ? { workerId, leaseSeconds } : null;
}

function isLookDue({ lookedAtMs }: LoopState): boolean {
  return performance.now() - lookedAtMs > LOOK_EVERY_MS;
}

function isSilent({ answeredAtMs }: LoopState, leaseSeconds: number): boolean {
  return performance.now() - answeredAtMs > (leaseSeconds * 1_000) / SILENCES_A_LEASE;
}

/** One claim, and where there is nothing to claim one wait. */
async function claimOrWait(
  deps: ClaimDeps,
  state: LoopState,
  stopping: AbortSignal,
): Promise<ClaimedJob | null> {
  const job = (await claim(deps, state)) ?? (await claimIdle(deps, state));
  if (job !== null) {
    state.idleness.say(false);
    return job;
  }
  const pollMs = backoff(1, { baseMs: deps.pollMs, maxMs: deps.pollMs, jitter: POLL_JITTER });
  const releaseMs = (await nextReleaseMs(deps.db)) ?? pollMs;
  await deps.wakeUp.wait(Math.max(WAIT_MS_MIN, Math.min(pollMs, releaseMs)), stopping);
  return null;
}

/** Notifications are sent only while somebody is known to be idle: this claim finds what came just before that. */
async function claimIdle(deps: ClaimDeps, state: LoopState): Promise<ClaimedJob | null> {
  if (state.idleness.isSaid) return null;
  await state.idleness.say(true);
  return await claim(deps, state);
}

async function claim(deps: ClaimDeps, state: LoopState): Promise<ClaimedJob | null> {
  const { db, workerId, leaseSeconds, log } = deps;
  // After an outage, or when the whole process stood still, our own leases may have run out: we would take over our
  // own runs.
  if (isSilent(state, leaseSeconds)) await deps.renewOwnLeases();
  const waiting = isLookDue(state) ? null : await claimWaitingJob(db, { workerId, leaseSeconds });
  const job = waiting ?? (await claimJob(db, { workerId, leaseSeconds }));
  state.answeredAtMs = performance.now();
  if (waiting === null) state.lookedAtMs = state.answeredAtMs;
  // The claim queued a status for the client. Nobody waits for its being told.
  if (job !== null) notifyDeliveries(db).catch((err: unknown) => log.debug({ err }, 'not notified'));
  return job;
}

/** Whether this worker waits for work, as the database knows it. */
interface Idleness {
  readonly isSaid: boolean;
  /** Resolves when it is stored. For `false` there is no need to wait: a notification too many does no harm. */
  say(idle: boolean): Promise<void>;
}

function createIdleness({ db, workerId, log }: ClaimDeps): Idleness {
  let isSaid = false;
  let lastWrite = Promise.resolve();
  return {
    get isSaid() {
      return isSaid;
    },
    say(idle) {
      if (idle === isSaid) return lastWrite;
      isSaid = idle;
      // One after the other: were `false` to come after a later `true`, nobody would wake this worker.
      const write = lastWrite.then(() => setWorkerIdle(db, workerId, idle));
      lastWrite = write.then(
        () => {},
        (err: unknown) => {
          log.debug({ err }, 'idleness could not be stored');
          isSaid = false;
        },
      );
      return idle ? write.then(() => {}) : lastWrite;
    },
  };
}
