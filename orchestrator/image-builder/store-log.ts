import { type Logger, sleep } from '@orca/daemon';
import { appendBuildLog, type ClaimedBuild, type Database } from '@orca/database';
import type { BuildLog } from './build-log.ts';

/** How often what was printed is stored, for whoever follows it. */
const STORE_MS = 1_000;

/** What storing the log of a build needs. */
export interface StoreLogDeps {
  readonly db: Database;
  readonly log: Logger;
}

/**
 * Makes what stores the log of one build, as far as that was printed. One call waits for the other, so that nothing is
 * stored twice; what could not be stored is the next call's. A database that stored it and could not say so gets it again.
 *
 * @returns never throws: a log is worth no build
 */
export function openLogStore(
  build: ClaimedBuild,
  buildLog: BuildLog,
  { db, log }: StoreLogDeps,
): () => Promise<void> {
  let stored = Promise.resolve();
  const store = async (): Promise<void> => {
    const { pieces, markStored } = buildLog.takeNew();
    if (pieces.length === 0) return;
    try {
      await appendBuildLog(db, build, { step: buildLog.step, pieces });
      markStored();
    } catch (err) {
      log.debug({ err }, 'log not stored');
    }
  };
  return () => {
    stored = stored.then(store);
    return stored;
  };
}

/** Has what is printed stored as it comes, until the build is over. */
export async function keepLogStored(storeLog: () => Promise<void>, over: AbortSignal): Promise<void> {
  for (await sleep(STORE_MS, over); !over.aborted; await sleep(STORE_MS, over)) await storeLog();
}
