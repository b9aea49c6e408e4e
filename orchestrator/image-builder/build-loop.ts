import { backoff, type Logger, sleep } from '@orca/daemon';
import { type ClaimedBuild, claimBuild, type Database, listenTo, nextBuildMs } from '@orca/database';
import { createDoorbell } from '../doorbell.ts';

/** How a build loop works. */
export interface BuildLoopOptions {
  readonly builderId: string;
  /** Builds at once. */
  readonly concurrency: number;
  readonly leaseSeconds: number;
  /** How often to look for builds that nobody told of, in milliseconds. */
  readonly pollMs: number;
}

/** What a build loop needs. */
export interface BuildLoopDeps {
  readonly db: Database;
  readonly log: Logger;
  /** Waits until nothing that a build needs fails, or the signal aborts. */
  readonly untilAble: (signal: AbortSignal) => Promise<void>;
  /** Takes one build to its end; never throws. */
  readonly runBuild: (build: ClaimedBuild) => Promise<void>;
}

const WAIT_MS_MIN = 100;
/** How long to stay away from a database that does not answer. */
const DATABASE_BACKOFF = { baseMs: 250, maxMs: 5_000, jitter: 0.2 } as const;

/**
 * Claims builds that are due for as long as there is a free place and nothing that a build needs fails, and waits for them
 * otherwise: for a notification, for the end of a back-off or of a lease, or for the poll.
 *
 * @param stopping no build is claimed any more once it has aborted
 * @returns when all builds have ended
 */
export async function runBuildLoop(
  options: BuildLoopOptions,
  deps: BuildLoopDeps,
  stopping: AbortSignal,
): Promise<void> {
  const doorbell = createDoorbell();
  const underWay = new Set<Promise<void>>();
  const { db, log } = deps;
  const listening = listenTo(
    db.url,
    ['orca_images'],
    { onNotification: doorbell.ring, onConnected: doorbell.ring },
    stopping,
  ).catch((err: unknown) => log.error({ err }, 'cannot listen for images to build, polling instead'));
  let failures = 0;
  while (!stopping.aborted) {
    try {
      await deps.untilAble(stopping);
      const waitMs = await fillPlaces(options, deps, { underWay, ring: doorbell.ring, stopping });
      failures = 0;
      await doorbell.waitForRing(waitMs, stopping);
    } catch (err) {
      failures += 1;
      if (failures === 1) log.error({ err }, 'no image build can be claimed, trying again');
      await sleep(backoff(failures, DATABASE_BACKOFF), stopping);
    }
  }
  await Promise.all([...underWay, listening]);
}

/** Starts all builds that are due and find a place; returns how long nothing else will be due. */
async function fillPlaces(
  { builderId, concurrency, leaseSeconds, pollMs }: BuildLoopOptions,
  { db, runBuild }: BuildLoopDeps,
  turn: { underWay: Set<Promise<void>>; ring: () => void; stopping: AbortSignal },
): Promise<number> {
  while (turn.underWay.size < concurrency && !turn.stopping.aborted) {
    const build = await claimBuild(db, { builderId, leaseSeconds });
    if (build === null) {
      const dueMs = (await nextBuildMs(db)) ?? pollMs;
      return Math.max(WAIT_MS_MIN, Math.min(pollMs, dueMs));
    }
    const running = runBuild(build).finally(() => {
      turn.underWay.delete(running);
      turn.ring();
    });
    turn.underWay.add(running);
  }
  return pollMs; // a place that becomes free rings
}
