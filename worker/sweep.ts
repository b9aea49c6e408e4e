import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@orca/daemon';
import { type Database, listLiveWorkers } from '@orca/database';
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
 * Removes what crashes left: containers and folders of dead workers of this installation, on this engine and machine,
 * this worker's own containers that no run uses, and what is too much in the file cache.
 *
 * A worker is dead when it was silent for 60 s and has no run, or when its process on this machine has ended. While its process
 * is there, its folder and containers stay: it may only seem silent, since the database's clock jumped.
 *
 * @throws {DatabaseError} when it cannot be asked who lives: then nothing is removed
 * @throws {EngineError}
 */
export async function sweep(deps: SweepDeps): Promise<void> {
  const { db, workerId, grading, workersFolder, log } = deps;
  await grading.sweepCache();
  const owners = new Map<string, OwnerState>();
  for (const folder of await readdir(workersFolder))
    owners.set(folder, await findOwner(join(workersFolder, folder)));
  // Asked after folders and containers were listed: a worker registers before it makes any.
  let asked: Promise<readonly string[]> | null = null;
  const isAlive = async (id: string): Promise<boolean> => {
    const owner = owners.get(id);
    if (id === workerId || owner === 'running') return true;
    asked ??= listLiveWorkers(db);
    return (await asked).includes(id) && owner !== 'ended';
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
