import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder of one job on the worker's disk, gone when it is disposed of. */
export interface Workspace extends AsyncDisposable {
  readonly folder: string;
}

const REMOVE_TRIES = 3;

/**
 * Makes an empty folder (mode 0700) for one job.
 *
 * @param parent made when it is missing
 */
export async function createWorkspace(parent: string): Promise<Workspace> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(parent, 'job-'));
  return {
    folder,
    async [Symbol.asyncDispose]() {
      // Never thrown: a result must not be lost because a folder could not be removed. The worker sweeps what stays.
      await rm(folder, { recursive: true, force: true, maxRetries: REMOVE_TRIES }).catch(() => {});
    },
  };
}
