import { readdirSync, readFileSync } from 'node:fs';
import { COMMAND_UID } from './command-wrapper.ts';

/**
 * Finds processes of a submission: of user 1000 or above, and not dead already.
 *
 * @param procRoot where the process file system is
 * @returns their ids
 */
export function findLeftovers(procRoot = '/proc'): number[] {
  return readdirSync(procRoot)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((id) => isLeftover(`${procRoot}/${id}/status`));
}

function isLeftover(path: string): boolean {
  try {
    const status = readFileSync(path, 'utf8');
    const uid = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    const state = /^State:\s+(\S)/m.exec(status)?.[1];
    // Zombies are init's to reap: they hold nothing any more.
    return uid >= COMMAND_UID && state !== 'Z' && state !== 'X';
  } catch {
    // It ended between the listing and the reading.
    return false;
  }
}
