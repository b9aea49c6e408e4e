import type { Logger } from '@orca/daemon';
import { type Database, noteImageUse } from '@orca/database';

/** Notes which grader images are in use: what was used last is kept longest. */
export interface ImageUses {
  /** Notes that a job runs in an image; never waits, never throws. */
  note(sha: string): void;
}

/** The database keeps it to the minute: what this worker noted so short a time ago, in milliseconds, needs no statement. */
const NOTED_MS = 60_000;

/** Makes it for one worker. */
export function createImageUses(
  { db, log }: { readonly db: Database; readonly log: Logger },
  notedMs: number = NOTED_MS,
): ImageUses {
  // By when each was noted, the longest ago first.
  const notedAtMs = new Map<string, number>();
  return {
    note(sha) {
      const nowMs = performance.now();
      for (const [noted, atMs] of notedAtMs) {
        if (nowMs - atMs < notedMs) break;
        notedAtMs.delete(noted);
      }
      if (notedAtMs.has(sha)) return;
      notedAtMs.set(sha, nowMs);
      noteImageUse(db, sha).catch((err: unknown) => {
        notedAtMs.delete(sha);
        log.debug({ err }, 'the use of an image could not be noted');
      });
    },
  };
}
