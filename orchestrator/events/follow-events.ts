import { type Logger, sleep } from '@orca/daemon';
import {
  type Database,
  type EventFilter,
  eventsMark,
  firstEventNumber,
  isDatabaseAway,
  type JobEvent,
  readEvents,
} from '@orca/database';
import { rememberBriefly } from '../remember-briefly.ts';
import type { EventStream } from './event-stream.ts';

/** What following needs. */
export type FollowDeps = {
  db: Database;
  log: Logger;
  /** Whether whoever listens may still: a key that is revoked ends its streams. */
  isStillAllowed: () => Promise<boolean>;
  /** Aborts when the server is about to end. */
  stopping: AbortSignal;
  mark: ReturnType<typeof shareMark>;
};

/** Events are looked for this often: a NOTIFY in each commit would cost a third of the queue's rate. */
const POLL_MS = 500;
const HEARTBEAT_MS = 15_000;
const RECHECK_MS = 4_000;
/** Read at once: what a stream holds in memory, at most 32 KiB each. */
const EVENTS_AT_ONCE = 20;

/** All streams of a server ask once in a while together how far they may read. */
export function shareMark(db: Database) {
  const remember = rememberBriefly<Awaited<ReturnType<typeof eventsMark>>>(POLL_MS / 2);
  return () => remember('', () => eventsMark(db));
}

/** Where a stream begins. `gap`: events between what was read last and `keptFrom` are not kept any more. */
export type Start = { cursor: number; gap: { keptFrom: number | null } | null };

/**
 * Finds where to begin: before the answer does, so that whoever sees it begin misses nothing from then on.
 *
 * @param after the number that was read last; `null`: only what happens from now on
 */
export async function findStart(after: number | null, db: Database): Promise<Start> {
  const { upTo, lastNumber } = await eventsMark(db);
  if (after === null) return { cursor: upTo, gap: null };
  if (after === 0) return { cursor: 0, gap: null };
  const first = await firstEventNumber(db);
  if (after <= lastNumber && first !== null && first <= after) return { cursor: after, gap: null };
  // A number that was never given out: the database was put back to an earlier time.
  return { cursor: after > lastNumber ? 0 : after, gap: { keptFrom: first } };
}

/**
 * Sends events as they come, from the database: a slow reader lags behind and costs no memory, and whoever comes back
 * reads on where it was.
 *
 * @returns when the client has gone, may not listen any more, or the server is about to end
 */
export async function followEvents(
  stream: EventStream,
  { filter, start }: { filter: EventFilter; start: Start },
  deps: FollowDeps,
): Promise<void> {
  const over = AbortSignal.any([stream.closed, deps.stopping]);
  let { cursor } = start;
  if (start.gap !== null)
    await stream.send({ id: cursor, event: 'gap', data: { kept_from: start.gap.keptFrom } });
  let saidAtMs = performance.now();
  let checkedAtMs = saidAtMs;
  while (!over.aborted) {
    const read = await readOn(filter, cursor, deps);
    for (const event of read.events) await stream.send(shown(event));
    const now = performance.now();
    if (read.events.length > 0) saidAtMs = now;
    cursor = read.cursor;
    if (now - checkedAtMs > RECHECK_MS) {
      if (!(await deps.isStillAllowed())) return;
      checkedAtMs = now;
    }
    if (now - saidAtMs > HEARTBEAT_MS) {
      await stream.comment('heartbeat');
      saidAtMs = now;
    }
    if (!read.hasMore) await sleep(POLL_MS, over);
  }
}

type Read = { events: JobEvent[]; cursor: number; hasMore: boolean };

async function readOn(filter: EventFilter, cursor: number, deps: FollowDeps): Promise<Read> {
  const nothing: Read = { events: [], cursor, hasMore: false };
  try {
    const { upTo } = await deps.mark();
    if (upTo <= cursor) return nothing;
    const events = await readEvents(deps.db, filter, { after: cursor, upTo, limit: EVENTS_AT_ONCE });
    const last = events.length < EVENTS_AT_ONCE ? undefined : events.at(-1);
    return last === undefined
      ? { events, cursor: upTo, hasMore: false }
      : { events, cursor: last.number, hasMore: true };
  } catch (err) {
    if (!isDatabaseAway(err)) throw err;
    deps.log.debug({ err }, 'events cannot be read at present');
    return nothing;
  }
}

function shown({ number, jobId, generation, client, kind, at, facts }: JobEvent) {
  return {
    id: number,
    event: kind,
    data: { job_id: jobId, generation, client, at, ...Object(facts) },
  };
}
