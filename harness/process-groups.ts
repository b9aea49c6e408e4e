import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The process groups of a submission on a machine that is not only its own. */
export interface ProcessGroups {
  /** @param id that of the process which leads the group */
  add(id: number): void;
  /** Kills every process of the groups, once. */
  killOnce(): void;
  /** Kills until nothing is left of the groups, or for as long as that may take. */
  killAll(): Promise<void>;
}

/** How long killed processes may take to go, and how often they are looked for. */
const KILL_MS_MAX = 5_000;
const KILL_AGAIN_MS = 5;

/** Where state and group stand in `/proc/<id>/stat` after the name, which is in brackets. */
const STATE_FIELD = 0;
const GROUP_FIELD = 2;

/** Keeps the groups of commands. What a command puts into another group or session is out of its reach. */
export function createProcessGroups(): ProcessGroups {
  const groups = new Set<number>();

  const killOnce = (): void => {
    for (const id of groups) killGroup(id);
  };
  return {
    add(id) {
      // The group 1 would be all processes there are: no command can have it.
      if (id > 1) groups.add(id);
    },
    killOnce,
    async killAll() {
      killOnce();
      const giveUpAt = performance.now() + KILL_MS_MAX;
      while (findMembers(groups).length > 0 && performance.now() < giveUpAt) {
        await sleep(KILL_AGAIN_MS);
        killOnce();
      }
      // The number of a group that is gone may be another's one day.
      groups.clear();
    },
  };
}

function killGroup(id: number): void {
  try {
    process.kill(-id, 'SIGKILL');
  } catch {
    // ESRCH: it is gone.
  }
}

/**
 * Finds the processes of groups that are not dead already.
 *
 * @param procRoot where the process file system is; where there is none, nothing is found
 */
export function findMembers(groups: ReadonlySet<number>, procRoot = '/proc'): number[] {
  return listProcesses(procRoot).filter((id) => {
    const fields = readFields(`${procRoot}/${id}/stat`);
    const isDead = ['Z', 'X'].includes(fields[STATE_FIELD] ?? '');
    return !isDead && groups.has(Number(fields[GROUP_FIELD]));
  });
}

function listProcesses(procRoot: string): number[] {
  try {
    return readdirSync(procRoot)
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function readFields(path: string): string[] {
  try {
    const stat = readFileSync(path, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    // It ended between the listing and the reading.
    return [];
  }
}
