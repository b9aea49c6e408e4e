import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@orca/daemon';
import { type Database, watchLives } from '@orca/database';
import type { Grading } from '@orca/grading';
import { findOwner, type OwnerState } from './process-mark.ts';

/** What a sweep needs. */
export interface SweepDeps {
  readonly db: Database;
  readonly workerId: string;
  readonly grading: Pick<Grading, 'removeOrphans' | 'sweepCache'>;
  /** Where the workers of this installation on this machine have their folders, named by their ids. */
  readonly workersFolder: string;
  readonly log: Logger;
}

/**
 * Makes what removes what crashes left: containers and folders of dead workers of this installation, on this engine and
 * machine, this worker's own containers that no run uses, and what is too much in the file cache.
 *
 * A worker is dead when its process on this machine has ended, or when it was silent for 60 s and has no run, in two sweeps in
 * a row. While its process is seen here, its folder and containers stay.
 *
 * @returns sweeps once; throws a {@link DatabaseError} when it cannot be asked who lives, and an {@link EngineError}: the next
 *   sweep counts as the first then
 */
export function createSweep(deps: SweepDeps): () => Promise<void> {
  const lives = watchLives(deps.db);
  return () => lives.look((isAlive) => sweep(deps, isAlive));
}

async function sweep(
  { workerId, grading, workersFolder, log }: SweepDeps,
  givesSigns: (workerId: string) => Promise<boolean>,
): Promise<void> {
  await grading.sweepCache();
  const owners = new Map<string, OwnerState>();
  for (const folder of await readdir(workersFolder))
    owners.set(folder, await findOwner(join(workersFolder, folder)));
  // Who gives signs is asked after folders and containers were listed: a worker registers before it makes any.
  const isAlive = async (id: string): Promise<boolean> => {
    const owner = owners.get(id);
    if (id === workerId || owner === 'running') return true;
    return owner !== 'ended' && (await givesSigns(id));
  };

  const containers = await grading.removeOrphans(
    // What our own runs use, the sandbox knows and spares.
    async (container) => container.workerId !== workerId && (await isAlive(container.workerId)),
  );
  if (containers > 0) log.info({ containers }, 'containers removed that nobody uses');

  // Last: the folder is what shows that its worker is dead.
  for (const folder of owners.keys()) {
    if (await isAlive(folder)) continue;
    await rm(join(workersFolder, folder), { recursive: true, force: true });
    log.info({ deadWorker: folder }, 'folder of a dead worker removed');
  }
}
