import { backoff, sleep } from '@orca/daemon';
import {
  type ClaimedDelivery,
  claimDelivery,
  type DeliveryAttempt,
  isDatabaseAway,
  listenTo,
  nextDeliveryMs,
} from '@orca/database';
import { createDoorbell, type Doorbell } from '../doorbell.ts';
import { type DeliverDeps, POST_TOTAL_MS, postDelivery, recordTry } from './deliver.ts';

/** How a delivery loop works. Times in milliseconds. */
export type DeliverLoopSettings = {
  /** For `LISTEN`, on a connection of its own. */
  databaseUrl: string;
  /** This process, in leases. */
  serverId: string;
  /** POSTs at once, over all hosts; the database keeps it to two for one host. */
  postsMax: number;
  /** Looks for deliveries this often even when nothing wakes the loop. */
  pollMs?: number;
};

/** The database is told of every new delivery by NOTIFY; this is the safety net. */
const POLL_MS = 5_000;
/** Longer than a POST can take, its record included: a lease that runs out under a live POST sends it twice. */
const LEASE_SECONDS = (4 * POST_TOTAL_MS) / 1000;
/** A delivery that is due may wait for its host's other POSTs: no reason to spin. */
const WAIT_MS_MIN = 100;
/** How long to stay away from a database that does not answer. */
const DATABASE_BACKOFF = { baseMs: 250, maxMs: 5_000, jitter: 0.2 } as const;

/**
 * Delivers what clients are owed, until told to stop.
 *
 * Each turn fills the free places with deliveries that are due, then waits: for a NOTIFY, for a place to become free,
 * for the next delivery to fall due, or for the slow poll. A claim is a transaction under a lock, so none is made where it
 * is known that nothing is due. A database outage ends nothing: a try that could not be
 * recorded is kept and recorded when the database is back, before anything new is claimed, so that this process does
 * not send twice what it knows to have been answered.
 *
 * @param stopping no more claims from here on; POSTs under way end by themselves (15 s at most)
 * @param hurried calls off the POSTs under way; they count as unclear tries
 * @returns when the last POST is recorded
 */
export async function runDeliverLoop(
  settings: DeliverLoopSettings,
  deps: DeliverDeps,
  { stopping, hurried }: { stopping: AbortSignal; hurried: AbortSignal },
): Promise<void> {
  const doorbell = createDoorbell();
  const state: LoopState = {
    ...{ underWay: new Set(), unrecorded: new Set(), hasEnded: false, hasNews: true },
    ...{ doorbell, hurried, stopping },
  };
  const tell = (): void => {
    state.hasNews = true;
    doorbell.ring();
  };
  const listening = listenTo(
    settings.databaseUrl,
    ['orca_deliveries'],
    { onNotification: tell, onConnected: tell },
    stopping,
  ).catch((err: unknown) => deps.log.error({ err }, 'cannot listen for deliveries, polling instead'));
  let failures = 0;
  while (!stopping.aborted) {
    try {
      const waitMs = await fillPlaces(settings, deps, state);
      failures = 0;
      await doorbell.waitForRing(waitMs, stopping);
    } catch (err) {
      failures += 1;
      if (failures === 1) deps.log.warn({ err }, 'cannot look for deliveries, trying again');
      await sleep(backoff(failures, DATABASE_BACKOFF), stopping);
    }
  }
  await Promise.all([...state.underWay, listening]);
}

type LoopState = {
  underWay: Set<Promise<void>>;
  /** Ids of deliveries that were answered while the database was away. */
  unrecorded: Set<number>;
  /** Since the last turn: one has ended, and may have held up others; somebody has told of new ones. */
  hasEnded: boolean;
  hasNews: boolean;
  doorbell: Doorbell;
  hurried: AbortSignal;
  stopping: AbortSignal;
};

/** Starts all deliveries that are due and find a place; returns how long nothing else will be due. */
async function fillPlaces(
  settings: DeliverLoopSettings,
  deps: DeliverDeps,
  state: LoopState,
): Promise<number> {
  const pollMs = settings.pollMs ?? POLL_MS;
  const lease = { serverId: settings.serverId, leaseSeconds: LEASE_SECONDS };
  const waitFor = (ms: number | null): number => Math.max(WAIT_MS_MIN, Math.min(pollMs, ms ?? pollMs));
  const mayHaveFreed = state.hasEnded && !state.hasNews;
  state.hasEnded = false;
  state.hasNews = false;
  if (mayHaveFreed) {
    const nextMs = await nextDeliveryMs(deps.db);
    if (nextMs !== 0) return waitFor(nextMs);
  }
  while (state.underWay.size < settings.postsMax && state.unrecorded.size === 0 && !state.stopping.aborted) {
    const delivery = await claimDelivery(deps.db, lease);
    if (delivery === null) return waitFor(await nextDeliveryMs(deps.db));
    const delivering = deliver(delivery, deps, state).finally(() => {
      state.underWay.delete(delivering);
      state.hasEnded = true;
      state.doorbell.ring();
    });
    state.underWay.add(delivering);
    if (delivery.othersMs !== 0) return waitFor(delivery.othersMs);
  }
  return pollMs; // a place that becomes free rings
}

/** One delivery from POST to record; never throws. */
async function deliver(delivery: ClaimedDelivery, deps: DeliverDeps, state: LoopState): Promise<void> {
  const { deliveryId, jobId } = delivery;
  try {
    const tried = await postDelivery(delivery, deps, state.hurried);
    await recordInTheEnd(delivery, tried, deps, state);
  } catch (err) {
    // Its lease runs out, and it is tried again.
    deps.log.warn({ err, deliveryId, jobId }, 'a delivery could not be tried or recorded');
  } finally {
    state.unrecorded.delete(deliveryId);
  }
}

/** Records a try however long the database is away: what the client answered is known only here. */
async function recordInTheEnd(
  delivery: ClaimedDelivery,
  tried: DeliveryAttempt,
  deps: DeliverDeps,
  state: LoopState,
): Promise<void> {
  for (let failures = 0; ; ) {
    try {
      return await recordTry(delivery, tried, deps);
    } catch (err) {
      if (state.hurried.aborted || !isDatabaseAway(err)) throw err;
      failures += 1;
      state.unrecorded.add(delivery.deliveryId);
      if (failures === 1) deps.log.warn({ err, jobId: delivery.jobId }, 'cannot record a delivery yet');
      await sleep(backoff(failures, DATABASE_BACKOFF), state.hurried);
    }
  }
}
