import { readdirSync, readFileSync } from 'node:fs';

/**
 * Finds processes of a submission, that are not dead already.
 *
 * @param uidMin the user of its commands; one above is theirs too
 * @param procRoot where the process file system is
 * @returns their ids
 */
export function findLeftovers(uidMin: number, procRoot = '/proc'): number[] {
  return readdirSync(procRoot)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((id) => isLeftover(`${procRoot}/${id}/status`, uidMin));
}

function isLeftover(path: string, uidMin: number): boolean {
  try {
    const status = readFileSync(path, 'utf8');
    const uid = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    const state = /^State:\s+(\S)/m.exec(status)?.[1];
    // Zombies are init's to reap: they hold nothing any more.
    return uid >= uidMin && state !== 'Z' && state !== 'X';
  } catch {
    // It ended between the listing and the reading.
    return false;
  }
}
