import { type Logger, sleep } from '@orca/daemon';
import { type Database, type Pruned, prune, type Retention } from '@orca/database';

/** How much is kept, and how often what is too old is looked for. */
export type RetentionSettings = { retention: Retention; everyMs: number };

const DAY_SECONDS = 86_400;
/** A worker's row tells staff for so long that it was there. */
const WORKER_SECONDS = 7 * DAY_SECONDS;
const SECOND_MS = 1_000;

/** What the settings say of it. */
export function retentionOf(settings: {
  ORCA_KEEP_JOBS_DAYS: number;
  ORCA_KEEP_JOBS_MAX: number | null;
  ORCA_PRUNE_SECONDS: number;
}): RetentionSettings {
  const jobSeconds = settings.ORCA_KEEP_JOBS_DAYS * DAY_SECONDS;
  const jobsMax = settings.ORCA_KEEP_JOBS_MAX;
  return {
    retention: { jobSeconds, jobsMax, workerSeconds: WORKER_SECONDS },
    everyMs: settings.ORCA_PRUNE_SECONDS * SECOND_MS,
  };
}

/**
 * Removes what is older than it is kept, again and again until told to stop, in small batches with a breath between them.
 * What cannot be removed now is removed at the next turn.
 */
export async function runRetention(
  { retention, everyMs }: RetentionSettings,
  { db, log }: { db: Database; log: Logger },
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    try {
      await pruneAll(retention, { db, log }, stopping);
    } catch (err) {
      log.warn({ err }, 'what is too old could not be removed, trying again later');
    }
    await sleep(everyMs, stopping);
  }
}

/** As long as a statement takes others get the database, too. */
const BREATH_MS = 50;

async function pruneAll(
  retention: Retention,
  { db, log }: { db: Database; log: Logger },
  stopping: AbortSignal,
): Promise<void> {
  const all: Omit<Pruned, 'isMore'> = { jobs: 0, imageDeliveries: 0, workers: 0 };
  for (let isMore = true; isMore && !stopping.aborted; ) {
    const pruned = await prune(db, retention);
    all.jobs += pruned.jobs;
    all.imageDeliveries += pruned.imageDeliveries;
    all.workers += pruned.workers;
    isMore = pruned.isMore;
    if (isMore) await sleep(BREATH_MS, stopping);
  }
  if (all.jobs + all.imageDeliveries + all.workers > 0) log.info(all, 'removed what was too old to be kept');
}
