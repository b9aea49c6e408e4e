import { mkdir, realpath } from 'node:fs/promises';
import { type HeldLock, takeLock } from '../hold-lock.ts';
import { UserError } from '../user-error.ts';

/**
 * Makes a data folder and takes it for this process alone.
 *
 * @returns the lock, and the folder's real path
 * @throws {UserError} that says which process has it
 */
export async function lockData(folder: string): Promise<{ lock: HeldLock; dataDir: string }> {
  await mkdir(folder, { recursive: true });
  const dataDir = await realpath(folder);
  const answer = await takeLock(`data ${dataDir}`);
  switch (answer.kind) {
    case 'held':
      return { lock: answer.lock, dataDir };
    case 'taken':
      throw new UserError(
        `Cannot start with the data in "${dataDir}": process ${answer.pid ?? 'of an unknown number'} already runs ` +
          'Orca there. Stop it, or name another folder with --data',
      );
    default:
      return answer satisfies never;
  }
}
