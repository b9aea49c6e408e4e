import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, findJobPlace, findJobRow, listDeliveries, nextDeliveryMs } from '@orca/database';
import { callApi } from './call-api.ts';
import type { Entry } from './submit-jobs.ts';
import type { World } from './start-world.ts';

/** What a soak waits for at its end. */
export interface Settled {
  /** Jobs that had not ended when the time was over; nothing else is waited for then. */
  readonly unended: readonly Entry[];
  /** Jobs and deliveries that would have waited for minutes after a fault, and that the staff's routes hurried. */
  readonly hurried: number;
}

const SETTLE_MS = 600_000;
const LOOK_EVERY_MS = 2_000;
const DELIVERIES_LOOKED_AT = 200;

/** Waits until every job has ended and nothing is owed any more. */
export async function settle(
  entries: readonly Entry[],
  { world, db }: { readonly world: World; readonly db: Database },
  signal: AbortSignal,
): Promise<Settled> {
  const deadline = Date.now() + SETTLE_MS;
  let unended = [...entries];
  let hurried = 0;
  for (;;) {
    const still: Entry[] = [];
    for (const entry of unended) {
      const state = await stateOf(entry, db);
      if (state !== 'finished') still.push(entry);
      if (state === 'backing off') hurried += await release(entry, world, signal);
    }
    unended = still;
    if (unended.length === 0 && (await nextDeliveryMs(db)) === null) break;
    if (Date.now() > deadline) break;
    hurried += await sendWhatWaits({ world, db }, signal);
    await sleep(LOOK_EVERY_MS, null, { signal });
  }
  return { unended, hurried };
}

async function stateOf({ ids }: Entry, db: Database): Promise<'finished' | 'backing off' | 'under way'> {
  const [id = -1] = ids;
  if ((await findJobRow(db, id))?.state === 'finished') return 'finished';
  const place = await findJobPlace(db, id);
  return place !== null && place.notBefore !== null ? 'backing off' : 'under way';
}

async function release({ ids }: Entry, { url }: World, signal: AbortSignal): Promise<number> {
  const [id] = ids;
  const body = { jobID: id, moveAction: 'release' };
  const { status } = await callApi(
    { method: 'PUT', url: `${url}/api/v1/grading_queue/move`, body, accepts: [200, 404] },
    signal,
  );
  return status === 200 ? 1 : 0;
}

async function sendWhatWaits(
  { world, db }: { readonly world: World; readonly db: Database },
  signal: AbortSignal,
): Promise<number> {
  const filter = { clients: null, states: ['pending'], kinds: ['result', 'image'] } as const;
  const pending = await listDeliveries(db, filter, { limit: DELIVERIES_LOOKED_AT, offset: 0 });
  let sent = 0;
  for (const { deliveryId, isUnderWay, attempts } of pending) {
    // The first repetition comes by itself after five seconds.
    if (isUnderWay || attempts < 2) continue;
    const url = `${world.url}/api/v1/deliveries/${deliveryId}/send_again`;
    const { status } = await callApi({ method: 'POST', url, accepts: [200, 404, 409] }, signal);
    if (status === 200) sent += 1;
  }
  return sent;
}
