import type { Logger } from '@orca/daemon';
import { type Database, noteApiKeyUse } from '@orca/database';

/** How exact the time of a key's last use is: one write a minute, however busy the key. */
const NOTE_EVERY_SECONDS = 60;
/** Keys remembered at once; after that all may be written again. */
const KEYS_MAX = 10_000;

/**
 * Makes the function that writes down that a key is in use. It returns at once: no request waits for it, and one that
 * fails costs a log line.
 *
 * @param nowMs a clock that does not go back, in milliseconds
 */
export function createKeyNotes(
  deps: { db: Database; log: Logger },
  nowMs: () => number = () => performance.now(),
): (keyId: number) => void {
  const notedMs = new Map<number, number>();
  return (keyId) => {
    const last = notedMs.get(keyId);
    if (last !== undefined && nowMs() - last < NOTE_EVERY_SECONDS * 1_000) return;
    if (notedMs.size >= KEYS_MAX) notedMs.clear();
    notedMs.set(keyId, nowMs());
    noteApiKeyUse(deps.db, keyId, NOTE_EVERY_SECONDS).catch((err: unknown) =>
      deps.log.warn({ err, keyId }, "cannot write a key's last use"),
    );
  };
}
