import { type Logger, sleep } from '@orca/daemon';
import {
  type BuildEnd,
  type BuildTimings,
  type ClaimedBuild,
  type Database,
  endBuild,
  isDatabaseAway,
  notifyDeliveries,
  notifyImages,
  notifyJobs,
  renewBuild,
  returnBuild,
  settleHeldJobs,
} from '@orca/database';
import { buildOutcome, checkDockerfile } from '@orca/protocol';
import { type BuildLog, createBuildLog } from './build-log.ts';
import type { BuildOptions } from './build-dockerfile.ts';
import type { BuildEnding, NoteBuild } from './builder-metrics.ts';
import { endInTime } from './end-in-time.ts';
import { findHindrance, isLasting, PUT_BACK_FOR } from './lasting-fault.ts';
import { type MadeImage, type MakeDeps, makeImage } from './make-image.ts';
import { keepLogStored, openLogStore } from './store-log.ts';

/** How builds are run. */
export interface RunOptions extends BuildOptions {
  readonly leaseSeconds: number;
  /** How long all else may take that belongs to a build: looks, trial, saving. Only what hangs takes so long. */
  readonly aroundSeconds: number;
}

/** What running a build needs. */
export interface RunDeps extends MakeDeps {
  readonly db: Database;
  readonly log: Logger;
  /** Told of every build that has ended. */
  readonly onEnd?: NoteBuild;
  /** Told why a build is put back by our fault: it may show what else is the matter. */
  readonly onFault?: (err: unknown) => void;
}

/** The log of a build under way. */
interface RunLog {
  readonly held: BuildLog;
  /** Stores what is not stored yet; never throws. */
  readonly store: () => Promise<void>;
}

/** A lease is renewed so often while it lasts. */
const RENEWALS_A_LEASE = 3;
/** How often the end of a build is tried to be stored while the database is away. */
const STORE_AGAIN_MS = 1_000;
const SECOND_MS = 1_000;
/** A build that is told to stop ends at once, unless something hangs; whoever stops the builder has some patience, too. */
const STOP_SECONDS_MAX = 10;

/**
 * Takes a claimed build to its end: makes the image, stores the outcome, lets the jobs go that are held for it; or puts
 * it back, where it was no fault of the Dockerfile. The lease is kept meanwhile; a build that lost it stops and writes
 * nothing.
 *
 * @param stopping aborts when this builder must end: the build is put back and is done again
 * @returns always; what cannot be stored is begun anew by another builder when the lease has run out
 */
export async function runBuild(
  build: ClaimedBuild,
  options: RunOptions,
  deps: RunDeps,
  stopping: AbortSignal,
): Promise<void> {
  const log = deps.log.child({ sha: build.sha, build: build.number });
  log.info({ faults: build.faults }, 'image build started');
  const lost = new AbortController();
  const over = new AbortController();
  const held = createBuildLog();
  const runLog: RunLog = { held, store: openLogStore(build, held, { db: deps.db, log }) };
  const startedAt = performance.now();
  const note = (ending: BuildEnding) => deps.onEnd?.(ending, performance.now() - startedAt);
  const chores = [
    keepLease(build, options, { ...deps, log }, { lost, over: over.signal }),
    keepLogStored(runLog.store, over.signal),
  ];
  try {
    const made = await endInTime((over) => makeImage(build, options, deps, held, over), {
      seconds: options.buildSeconds + options.aroundSeconds,
      ended: AbortSignal.any([stopping, lost.signal]),
      graceSeconds: STOP_SECONDS_MAX,
    });
    await storeOutcome(build, made, runLog, { ...deps, log }, stopping);
    note(made.kind);
  } catch (err) {
    note(lost.signal.aborted ? 'lost' : 'put_back');
    if (lost.signal.aborted) log.warn('image build stopped: another builder has it');
    else {
      const hindrance = await findHindrance(err, deps.engine, stopping);
      await putBack(build, hindrance, runLog, { ...deps, log }, stopping);
    }
  } finally {
    over.abort();
    await Promise.all(chores);
  }
}

/** Renews the lease until the build is over; aborts `lost` when another builder has it. */
async function keepLease(
  build: ClaimedBuild,
  { leaseSeconds }: RunOptions,
  { db, log }: RunDeps,
  { lost, over }: { lost: AbortController; over: AbortSignal },
): Promise<void> {
  const everyMs = (leaseSeconds * SECOND_MS) / RENEWALS_A_LEASE;
  for (await sleep(everyMs, over); !over.aborted; await sleep(everyMs, over)) {
    try {
      if (await renewBuild(db, { ...build, leaseSeconds })) continue;
      return lost.abort();
    } catch (err) {
      // It may still be ours when the database is back: its token says so.
      log.warn({ err }, 'the lease of an image build could not be renewed yet');
    }
  }
}

async function storeOutcome(
  build: ClaimedBuild,
  made: MadeImage,
  runLog: RunLog,
  deps: RunDeps,
  stopping: AbortSignal,
): Promise<void> {
  const { db, log } = deps;
  const end: BuildEnd =
    made.kind === 'ready'
      ? { kind: 'ready', image: made.image }
      : { kind: 'failed', reason: made.reason, imageBytes: made.imageBytes };
  const ended = { end, timings: made.timings, body: bodyOf(build, made, runLog.held) };
  deps.gate?.('before_ready');
  const store = async (): Promise<boolean> => {
    // With each try: once the build has ended, nothing can be added to its log.
    await runLog.store();
    return endBuild(db, build, ended);
  };
  const isStored = await untilAnswered(store, log, stopping);
  // After a commit whose answer was lost, the second try finds the build ended: then it is stored all the same.
  if (!isStored)
    log.warn('the end of an image build was not stored: another builder has it, or it was already');
  else if (made.kind === 'ready')
    log.info({ ...made.timings, imageBytes: made.image.imageBytes }, 'image ready');
  else log.info({ ...made.timings, reason: made.reason }, 'image build failed');
  await settle(build.sha, deps);
}

/** What the client gets, made once: every try of its delivery has the same bytes. */
function bodyOf({ sha, dockerfile }: ClaimedBuild, made: MadeImage, buildLog: BuildLog): string {
  const reason = made.kind === 'ready' ? null : made.reason;
  const steps = buildLog.steps();
  const failing = steps.length - 1;
  return JSON.stringify(
    buildOutcome({
      sha,
      wasSuccessful: made.kind === 'ready',
      reason,
      // Where it failed, too: a page may show nothing but the step that is marked.
      steps: steps.map((step, index) =>
        reason !== null && index === failing ? { ...step, error: reason } : step,
      ),
      notes: checkDockerfile(dockerfile, { allowRemoteAdd: true }).notes,
      durationMs: totalMs(made.timings),
      imageBytes: made.kind === 'ready' ? made.image.imageBytes : made.imageBytes,
    }),
  );
}

function totalMs({ buildMs, checkMs, saveMs }: BuildTimings): number {
  return (buildMs ?? 0) + (checkMs ?? 0) + (saveMs ?? 0);
}

/**
 * Lets the jobs go that are held for an image whose build has ended, and tells workers and servers.
 *
 * @throws {DatabaseError}: the rest is settled when the builder looks again
 */
export async function settle(sha: string, { db, log }: Pick<RunDeps, 'db' | 'log'>): Promise<void> {
  const settled = await settleHeldJobs(db, sha);
  if (settled.released + settled.failed > 0) log.info({ ...settled }, 'held jobs settled');
  // Hints: without them workers and servers look by themselves.
  await Promise.allSettled([settled.released > 0 ? notifyJobs(db) : null, notifyDeliveries(db)]);
}

/**
 * Puts back a build that ended by our fault, was cut off by an orderly stop, or lacked what all builds need. The third fault
 * ends it.
 */
async function putBack(
  build: ClaimedBuild,
  err: unknown,
  runLog: RunLog,
  deps: RunDeps,
  stopping: AbortSignal,
): Promise<void> {
  const { db, log } = deps;
  // Whose store is full, or whose base image is gone, builds nothing until that is mended: the build waits in its place,
  // however long that takes.
  const isFault = !stopping.aborted && !isLasting(err);
  const reason = stopping.aborted ? 'The image builder was told to stop' : messageOf(err);
  if (isLasting(err)) log.error({ err }, PUT_BACK_FOR[err.name]);
  if (isFault) log.error({ err }, 'image build ended through no fault of its Dockerfile');
  if (isFault) deps.onFault?.(err);
  await runLog.store();
  try {
    const given = await returnBuild(db, build, { reason, isFault });
    if (given === 'returned') log.info({ reason }, 'image build put back, to be done again');
    if (given === 'returned' && !isFault) await notifyImages(db);
    if (given !== 'exhausted') return;
    const timings: BuildTimings = { buildMs: null, checkMs: null, saveMs: null };
    const sentence = `Cannot build the image: the image builder failed on it again and again, last with: ${reason}. This is no fault of the Dockerfile; POST it again later`;
    const failed: MadeImage = { kind: 'failed', reason: sentence, imageBytes: null, timings };
    await storeOutcome(build, failed, runLog, deps, stopping);
  } catch (error) {
    log.error({ err: error }, 'an image build could not be put back: its lease will run out');
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The build took minutes; a database that is away for some of them is worth waiting for. */
async function untilAnswered<T>(act: () => Promise<T>, log: Logger, stopping: AbortSignal): Promise<T> {
  for (let triesLeft = STORE_TRIES_MAX; ; ) {
    try {
      return await act();
    } catch (err) {
      const isFirst = triesLeft === STORE_TRIES_MAX;
      triesLeft = Math.min(triesLeft, stopping.aborted ? STOPPING_TRIES_MAX : STORE_TRIES_MAX) - 1;
      if (!isDatabaseAway(err) || triesLeft === 0) throw err;
      if (isFirst) log.warn({ err }, 'the end of an image build cannot be stored yet');
      await sleep(STORE_AGAIN_MS);
    }
  }
}

/** Five minutes: then the lease has long been taken over, or will be. */
const STORE_TRIES_MAX = 300;
/** Of a builder that is to end. */
const STOPPING_TRIES_MAX = 3;
