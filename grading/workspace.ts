import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder of one job on the worker's disk, gone when it is disposed of. */
export interface Workspace extends AsyncDisposable {
  readonly folder: string;
  /** Begins to remove it, since nobody needs it any more; disposing of it waits for the end of that. */
  discard(): void;
}

const REMOVE_TRIES = 3;

/**
 * Makes an empty folder (mode 0700) for one job.
 *
 * @param parent made when it is missing
 */
export async function createWorkspace(parent: string): Promise<Workspace> {
  const folder = await makeFolder(parent);
  let removing: Promise<void> | null = null;
  const remove = (): Promise<void> => {
    // Never thrown: a result must not be lost because a folder could not be removed. The worker sweeps what stays.
    removing ??= rm(folder, { recursive: true, force: true, maxRetries: REMOVE_TRIES }).catch(() => {});
    return removing;
  };
  return { folder, discard: () => void remove(), [Symbol.asyncDispose]: remove };
}

/** The parent is there for all jobs but the first. */
async function makeFolder(parent: string): Promise<string> {
  const beginning = join(parent, 'job-');
  try {
    return await mkdtemp(beginning);
  } catch {
    await mkdir(parent, { recursive: true, mode: 0o700 });
    return await mkdtemp(beginning);
  }
}
