import { mkdir, realpath } from 'node:fs/promises';
import { type HeldLock, takeLock } from '../hold-lock.ts';
import { UserError } from '../user-error.ts';

/**
 * Makes a data folder and takes it for this process alone.
 *
 * @returns the lock, and the folder's real path
 * @throws {UserError} that says which process has it, or why there can be no such folder
 */
export async function lockData(folder: string): Promise<{ lock: HeldLock; dataDir: string }> {
  const dataDir = await makeDataFolder(folder);
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

/**
 * Makes a data folder where it is missing.
 *
 * @returns its real path
 * @throws {UserError} that says why there can be no such folder
 */
export async function makeDataFolder(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true });
    return await realpath(folder);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : cause;
    throw new UserError(`Cannot use "${folder}" for the data: it cannot be made (${code})`, { cause });
  }
}
