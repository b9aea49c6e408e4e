import { backoff, type Logger, sleep } from '@orca/daemon';
import { isDatabaseAway } from '@orca/database';

const WAITS = { baseMs: 200, maxMs: 5_000, jitter: 0.2 };

/**
 * Does something in the database, again and again while that is away. What is done must be harmless to repeat: a
 * fenced write is, its token decides.
 *
 * @param signal gives up
 * @returns what came of it, or `null` when the signal aborted first
 * @throws what is no outage
 */
export async function untilDatabaseAnswers<T>(
  act: () => Promise<T>,
  { log }: { readonly log: Logger },
  signal: AbortSignal,
): Promise<T | null> {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      return await act();
    } catch (err) {
      if (!isDatabaseAway(err)) throw err;
      if (attempt === 1) log.warn({ err }, 'the database does not answer: trying again until it does');
      await sleep(backoff(attempt, WAITS), signal);
    }
  }
  return null;
}
