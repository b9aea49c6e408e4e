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
 * is there, its folder stays: it may only seem silent, since the database's clock jumped.
 *
 * @throws {DatabaseError} when it cannot be asked who lives: then nothing is removed
 * @throws {EngineError}
 */
export async function sweep(deps: SweepDeps): Promise<void> {
  const { db, workerId, grading, workersFolder, log } = deps;
  const folders = await readdir(workersFolder);
  // Asked after the folders were listed: a worker registers before it makes its folder.
  const alive = new Set(await listLiveWorkers(db));
  const owners = new Map<string, OwnerState>();
  for (const folder of folders) owners.set(folder, await findOwner(join(workersFolder, folder)));
  for (const [folder, owner] of owners) if (owner === 'ended') alive.delete(folder);
  alive.add(workerId);

  await grading.sweepCache();
  const containers = await grading.removeOrphans((container) => {
    // What our own runs use, the sandbox knows and spares.
    return container.workerId !== workerId && alive.has(container.workerId);
  });
  if (containers > 0) log.info({ containers }, 'containers removed that nobody uses');

  // Last: the folder is what shows that its worker is dead.
  for (const [folder, owner] of owners) {
    if (alive.has(folder) || owner === 'running') continue;
    await rm(join(workersFolder, folder), { recursive: true, force: true });
    log.info({ deadWorker: folder }, 'folder of a dead worker removed');
  }
}
