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
 * Makes what removes what crashes left: containers and folders of dead workers of this installation, on this engine and
 * machine, this worker's own containers that no run uses, and what is too much in the file cache.
 *
 * A worker is dead when its process on this machine has ended, or when it was silent for 60 s and has no run, in two sweeps in
 * a row: once is not enough, since all seem silent when PostgreSQL was away, or its clock jumped, until they come to give their
 * next sign of life. While its process is seen here, its folder and containers stay.
 *
 * @returns sweeps once; throws a {@link DatabaseError} when it cannot be asked who lives, and an {@link EngineError}: the next
 *   sweep counts as the first then
 */
export function createSweep(deps: SweepDeps): () => Promise<void> {
  let silent: ReadonlySet<string> = new Set();
  return async () => {
    const suspects = silent;
    silent = new Set();
    silent = await sweep(deps, suspects);
  };
}

/** @returns who was silent, of those that have left something */
async function sweep(deps: SweepDeps, suspects: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const { db, workerId, grading, workersFolder, log } = deps;
  const silent = new Set<string>();
  await grading.sweepCache();
  const owners = new Map<string, OwnerState>();
  for (const folder of await readdir(workersFolder))
    owners.set(folder, await findOwner(join(workersFolder, folder)));
  // Asked after folders and containers were listed: a worker registers before it makes any.
  let asked: Promise<readonly string[]> | null = null;
  const isAlive = async (id: string): Promise<boolean> => {
    const owner = owners.get(id);
    if (id === workerId || owner === 'running') return true;
    if (owner === 'ended') return false;
    asked ??= listLiveWorkers(db);
    if ((await asked).includes(id)) return true;
    silent.add(id);
    return !suspects.has(id);
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
  return silent;
}
