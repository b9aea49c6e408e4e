import type { BoundStatement } from '../batch.ts';
import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'events.sql');

/** Something that happened to a job. */
export type JobEvent = {
  /** Later ones have higher numbers; there are gaps. */
  number: number;
  jobId: number;
  generation: number;
  client: string;
  kind: 'state' | 'command';
  at: Date;
  /** As `protocol/job-event.ts` says. A command's output is untrusted. */
  facts: unknown;
};

/** Which events somebody follows. */
export type EventFilter =
  | { kind: 'all' }
  | { kind: 'clients'; clients: readonly string[] }
  | { kind: 'job'; jobId: number };

/** A finished command, as its worker tells of it. */
export type CommandFacts = Record<string, unknown>;

/** How long events are kept, and how many. */
export type EventRetention = { seconds: number; eventsMax: number };

const PRUNED_AT_ONCE = 5_000;

/**
 * Up to where events can be read: what has a number up to `upTo` is stored for all to see, or never will be. It may be
 * lower than it was a moment ago, and is right then, too. `lastNumber` is the highest that was given out.
 *
 * @see docs/adr/0011-events-are-read-below-a-mark.md
 */
export async function eventsMark(db: Queries): Promise<{ upTo: number; lastNumber: number }> {
  // In this order, each with a snapshot of its own: see the blocks.
  const [last] = await db.query<{ lastNumber: number }>(sql('last_event_number'));
  const [open] = await db.query<{ mark: number | null }>(sql('open_event_marks'));
  const lastNumber = last?.lastNumber ?? 0;
  return { upTo: Math.min(lastNumber, open?.mark ?? lastNumber), lastNumber };
}

/** The lowest number that is kept; `null` when there is no event. */
export async function firstEventNumber(db: Queries): Promise<number | null> {
  const [first] = await db.query<{ firstNumber: number }>(sql('first_event_number'));
  return first?.firstNumber ?? null;
}

/**
 * Reads on, in the order of the numbers; that of one job's events is the order in which they happened.
 *
 * @param range.after the number that was read last
 * @param range.upTo from {@link eventsMark}
 * @returns the next ones, at most `limit`
 */
export async function readEvents(
  db: Queries,
  filter: EventFilter,
  range: { after: number; upTo: number; limit: number },
): Promise<JobEvent[]> {
  const { after, upTo, limit } = range;
  switch (filter.kind) {
    case 'all':
      return db.query(sql('read_events'), [after, upTo, limit]);
    case 'clients':
      return db.query(sql('read_events_of_clients'), [after, upTo, limit, filter.clients]);
    case 'job':
      return db.query(sql('read_events_of_job'), [after, upTo, limit, filter.jobId]);
    default:
      return filter satisfies never;
  }
}

/** Tells of commands that have ended. Nothing is stored when the token is no longer the job's. */
export async function noteCommands(
  db: Queries,
  run: { jobId: number; leaseToken: string },
  commands: readonly CommandFacts[],
): Promise<void> {
  const { statement, parameters } = commandsNote(run, commands);
  await db.query(statement, parameters);
}

/** {@link noteCommands}, as a part of a batch. */
export function commandsNote(
  { jobId, leaseToken }: { jobId: number; leaseToken: string },
  commands: readonly CommandFacts[],
): BoundStatement {
  return { statement: sql('note_commands'), parameters: [jobId, leaseToken, JSON.stringify(commands)] };
}

/**
 * Removes events that are too old or too many, some at a time.
 *
 * @returns whether there may be more to remove
 */
export async function pruneEvents(db: Queries, { seconds, eventsMax }: EventRetention): Promise<boolean> {
  const pruned = await db.query(sql('prune_events'), [PRUNED_AT_ONCE, seconds, eventsMax]);
  return pruned.length === PRUNED_AT_ONCE;
}
