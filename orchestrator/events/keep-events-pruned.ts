import { type Logger, sleep } from '@orca/daemon';
import { type Database, type EventRetention, pruneEvents } from '@orca/database';

const EVERY_MS = 60_000;

/**
 * Removes old events every minute, until told to stop. Several servers may do it at once.
 *
 * @param everyMs how often, in milliseconds; for tests
 */
export async function keepEventsPruned(
  retention: EventRetention,
  { db, log }: { db: Database; log: Logger },
  stopping: AbortSignal,
  everyMs: number = EVERY_MS,
): Promise<void> {
  while (!stopping.aborted) {
    try {
      while (await pruneEvents(db, retention)) if (stopping.aborted) return;
    } catch (err) {
      log.debug({ err }, 'old events cannot be removed at present');
    }
    await sleep(everyMs, stopping);
  }
}
