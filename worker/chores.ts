import type { Logger, SettingValues } from '@orca/daemon';
import type { Database, NewWorker } from '@orca/database';
import type { Grading } from '@orca/grading';
import type { Fitness } from './fitness.ts';
import { signOfLife } from './introduce.ts';
import { createPrefetch } from './prefetch-images.ts';
import { repeat } from './repeat.ts';
import type { workerSettings } from './settings.ts';
import { createSweep } from './sweep.ts';

const SECOND_MS = 1_000;
const PREFETCH_EVERY_MS = 5_000;

/** Whose chores these are, and how often each is done. */
export interface ChoreOptions {
  readonly me: NewWorker;
  readonly settings: SettingValues<typeof workerSettings>;
  readonly workersFolder: string;
}

/** What they need. */
export interface ChoreDeps {
  readonly db: Database;
  readonly grading: Grading;
  readonly fitness: Fitness;
  readonly log: Logger;
}

/**
 * What a worker does beside its work: it tells that it lives, cleans up, and fetches images ahead.
 *
 * @returns when the signal has aborted and the turns under way are over
 */
export async function runChores(
  { me, settings, workersFolder }: ChoreOptions,
  { db, grading, fitness, log }: ChoreDeps,
  signal: AbortSignal,
): Promise<void> {
  const { workerId } = me;
  const beat = (): Promise<void> => signOfLife(db, me, fitness);
  const clean = createSweep({ db, workerId, grading, workersFolder, log });
  const tidy = async (): Promise<void> => {
    const { removed, strays } = await grading.sweepImages('unused', signal);
    if (removed.length + strays > 0) log.info({ removed, strays }, 'grader images removed from the engine');
  };
  const prefetch = createPrefetch({ db, grading, fitness, log }, signal);
  await Promise.all([
    repeat('heartbeat', beat, { everyMs: settings.ORCA_HEARTBEAT_SECONDS * SECOND_MS, log }, signal),
    repeat('sweep', clean, { everyMs: settings.ORCA_SWEEP_SECONDS * SECOND_MS, log }, signal),
    repeat('images', tidy, { everyMs: settings.ORCA_IMAGE_SWEEP_SECONDS * SECOND_MS, log }, signal),
    repeat('prefetch', prefetch, { everyMs: PREFETCH_EVERY_MS, log }, signal),
  ]);
}
