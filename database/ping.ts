import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from './connect.ts';
import { isDatabaseAway, isDiskFull } from './database-error.ts';
import { sqlFile } from './sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'ping.sql');

/** Whoever asks whether it is there does not wait as long as somebody who needs it. */
const PING_MS = 2_000;
const SILENCE = 'the database does not answer';
const NO_ROOM = 'the disk of the database is full';

/**
 * Asks the database for the least that can be asked; for room to write, where it was said to have none.
 *
 * @returns `null` when it answers within 2 s, otherwise a sentence that anybody may read
 */
export async function pingDatabase(db: Database): Promise<string | null> {
  const over = new AbortController();
  const asked = db.query(sql('ping')).then(
    () => (db.room.isInDoubt ? findRoom(db) : null),
    () => SILENCE,
  );
  const late = delay(PING_MS, SILENCE, { signal: over.signal }).catch(() => SILENCE);
  try {
    return await Promise.race([asked, late]);
  } finally {
    over.abort();
  }
}

/** What is thrown for its transaction to be rolled back. */
const ENOUGH_SEEN = new Error('The room was only looked at');

async function findRoom(db: Database): Promise<string | null> {
  try {
    await db.transaction(async (tx) => {
      await tx.query(sql('probe_room'));
      throw ENOUGH_SEEN;
    });
  } catch (error) {
    if (isDiskFull(error)) return NO_ROOM;
    if (isDatabaseAway(error)) return SILENCE;
    // There was room; or it may not be looked at in this way, and then the next write tells.
    db.room.isInDoubt = false;
  }
  return null;
}
