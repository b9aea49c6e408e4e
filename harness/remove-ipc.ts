import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { wrapCommand } from './command-wrapper.ts';
import type { CommandUser } from './surroundings.ts';

/** A line of headings, and one for each. */
const TABLES = ['/proc/sysvipc/shm', '/proc/sysvipc/msg', '/proc/sysvipc/sem'];

const REMOVE_TIMEOUT_MS = 10_000;

// Its own programs, whatever the image's PATH says.
const PLAN = { env: { PATH: '/usr/bin:/bin' }, home: { path: '/', template: null } };

/**
 * Removes System V shared memory, message queues and semaphores. They are no process's, so that killing all processes
 * leaves them, and shared memory takes from what the next command may use. The kernel's `shm_rmid_forced` would do it too,
 * but also between two programs of one command, and not in a user namespace before Linux 6.9.
 *
 * What belongs to the commands' user, only he may remove: a child does, and only where there is something. In an image
 * without `ipcrm` (which is part of every Debian and Ubuntu) it stays until the job's end.
 */
export async function removeIpc(user: CommandUser): Promise<void> {
  if (!TABLES.some(hasEntries)) return;
  const { file, args, options } = wrapCommand(['ipcrm', '--all'], null, { plan: PLAN, user });
  await new Promise<void>((resolve) => {
    const child = spawn(file, args, { ...options, stdio: 'ignore', timeout: REMOVE_TIMEOUT_MS });
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
}

function hasEntries(path: string): boolean {
  try {
    return readFileSync(path, 'utf8').trimEnd().includes('\n');
  } catch {
    // A kernel without it, or a runtime that hides it.
    return false;
  }
}
