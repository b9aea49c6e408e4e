import type { Logger } from '@orca/daemon';
import { type Database, listImagesInLine } from '@orca/database';
import type { Grading } from '@orca/grading';
import type { Fitness } from './fitness.ts';

/** The next jobs, in the next minutes: more of them may change, and images need room. */
const AHEAD = { places: 50, seconds: 600 };

/** Most images that are fetched ahead; room for what runs comes first. */
const IMAGES_MAX = 5;

/** What could not be fetched is not tried again so soon; a job that needs it tries all the same. */
const AGAIN_MS = 60_000;

/** What it needs. */
export interface PrefetchDeps {
  readonly db: Database;
  readonly grading: Pick<Grading, 'prefetchImage'>;
  readonly fitness: Pick<Fitness, 'troubles'>;
  readonly log: Logger;
}

/**
 * Makes what fetches the images that the first waiting jobs need, the first first, one at a time, so that they are there
 * when those jobs come up. It delays nobody: it gives way to the downloads of jobs, and rests while something fails.
 *
 * @returns one turn of it, for now and then
 */
export function createPrefetch(
  { db, grading, fitness, log }: PrefetchDeps,
  signal: AbortSignal,
): () => Promise<void> {
  /** By `performance.now()`. */
  const failedAtMs = new Map<string, number>();
  const isWorthIt = (sha: string): boolean =>
    performance.now() - (failedAtMs.get(sha) ?? Number.NEGATIVE_INFINITY) > AGAIN_MS;
  return async () => {
    if (fitness.troubles.length > 0) return;
    const next = (await listImagesInLine(db, AHEAD)).slice(0, IMAGES_MAX);
    for (const sha of failedAtMs.keys()) if (isWorthIt(sha)) failedAtMs.delete(sha);
    for (const sha of next.filter(isWorthIt)) {
      if (signal.aborted || fitness.troubles.length > 0) return;
      try {
        const { kind } = await grading.prefetchImage(sha, signal);
        if (kind === 'gave_way') return;
        if (kind !== 'present') failedAtMs.set(sha, performance.now());
      } catch (err) {
        if (signal.aborted) return;
        failedAtMs.set(sha, performance.now());
        log.debug({ err, sha }, 'a grader image could not be fetched ahead');
      }
    }
  };
}
