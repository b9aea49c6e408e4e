import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmdirSync, rmSync } from 'node:fs';
import { JOB_FOLDER_PARTS } from '@orca/protocol/sandbox-plan';
import type { CommandUser } from './surroundings.ts';
import { hasErrorCode } from './unpack/local-errors.ts';

// A command may have closed folders of its own.
const REMOVE = 'chmod -R u+rwX -- "$1" 2> /dev/null; rm -rf -- "$1" 2> /dev/null';

/**
 * Removes the folder of a job that ran on this very machine. What commands could write to is removed as their user: a
 * link that somebody puts in the way leads nowhere that he could not go himself.
 *
 * @param folder need not be there
 * @throws {Error} with the system's code when something is left
 */
export async function removeJobFolder(folder: string, user: CommandUser | null): Promise<void> {
  const work = `${folder}/${JOB_FOLDER_PARTS.work}`;
  const options = { ...user, cwd: '/', env: { PATH: '/usr/bin:/bin' }, stdio: 'ignore' } as const;
  // Its last step, to remove the folder itself, is not always allowed to that user.
  await once(spawn('/bin/sh', ['-c', REMOVE, 'sh', work], options), 'exit');
  removeEmpty(work);
  rmSync(`${folder}/${JOB_FOLDER_PARTS.pipes}`, { recursive: true, force: true });
  removeEmpty(folder);
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
  }
}
