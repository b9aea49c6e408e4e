import { mkdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findOwner, markFolder } from './process-mark.ts';

/** Where a worker keeps things on its machine. */
export interface WorkerFolders {
  /** Of the installation. */
  readonly installation: string;
  /** Of the file cache, which its workers share. */
  readonly cache: string;
  /** Of its workers on this machine, each named by the worker's id. */
  readonly workers: string;
  /** Of this worker: the folders of its jobs. */
  readonly own: string;
}

/**
 * Makes the folders of a worker, apart from those of other installations, which may share the machine.
 *
 * @param root ORCA_WORKER_FOLDER
 * @throws {Error} with the system's error as its cause when they cannot be made
 */
export async function makeWorkerFolders(
  root: string,
  ids: { readonly installationId: string; readonly workerId: string },
): Promise<WorkerFolders> {
  const installation = join(root, ids.installationId);
  const workers = join(installation, 'workers');
  const own = join(workers, ids.workerId);
  try {
    await mkdir(workers, { recursive: true, mode: 0o700 });
    await keepFolder(own);
  } catch (cause) {
    throw new Error(`Cannot use "${root}" as ORCA_WORKER_FOLDER: it cannot be written to`, { cause });
  }
  return { installation, cache: join(installation, 'cache'), workers, own };
}

/**
 * Makes a worker's own folder where it is missing: another worker may have taken this one for dead.
 *
 * @throws {Error} with the system's code: `ENOENT` when what it lies in is missing, since a disk is not mounted perhaps
 */
export async function keepFolder(own: string): Promise<void> {
  try {
    await mkdir(own, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    // On a disk that was full there was room for the folder, perhaps, and none for its mark.
    if ((await findOwner(own)) === 'running') return;
  }
  await markFolder(own);
}

/**
 * Removes the folder of a worker that has ended, and those around it that are empty when it was the last one. A cache
 * with something in it stays.
 *
 * @throws {Error} with the system's code when its own folder cannot be removed
 */
export async function removeWorkerFolders(folders: WorkerFolders): Promise<void> {
  await rm(folders.own, { recursive: true, force: true });
  try {
    // Each fails when there is something in it. While another worker is there, the first does: nothing of his goes.
    await rmdir(folders.workers);
    await rmdir(folders.cache);
    await rmdir(folders.installation);
  } catch {
    // Somebody still needs them.
  }
}
