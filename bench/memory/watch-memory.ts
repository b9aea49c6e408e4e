import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** What was seen of a process in one stretch of time, in MiB. */
export type Stretch = {
  /** What it had in use at one look after the other, the last at the end. */
  looks: number[];
  /** The most that it had in use, as the kernel counts it: between two looks, too. */
  most: number;
};

/** What of its memory a process has in use. */
export type MemoryWatch = AsyncDisposable & {
  /** Ends a stretch, and begins the next. @returns what was seen of each process since the last call, by name */
  take(): Promise<Record<string, Stretch>>;
};

const LOOK_MS = 250;
const KIB_A_MIB = 1024;
/** Written to `clear_refs`, it makes the most what is in use now. */
const FORGET_MOST = '5';

/**
 * Watches the resident memory of processes, as the kernel counts it.
 *
 * @param pids by name; processes of this user, or of any for root
 * @param lookMs the time between two looks
 * @throws {Error} with the system's code when there is no such process, or this kernel lets nobody reset its maximum
 * @see https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html
 */
export function watchMemory(pids: Readonly<Record<string, number>>, lookMs: number = LOOK_MS): MemoryWatch {
  const processes = Object.entries(pids);
  let looks = emptyLists(Object.keys(pids));
  const look = async (): Promise<void> => {
    for (const [name, pid] of processes) looks[name]?.push(await residentMib(pid));
  };
  // What it took to start is no part of the first stretch.
  for (const [, pid] of processes) takeMost(pid);
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      await look();
      await pause(lookMs, undefined, { signal: over.signal }).catch(() => undefined);
    }
  })();
  return {
    async take() {
      await look();
      const stretchOf = (name: string, pid: number): Stretch => ({
        looks: looks[name] ?? [],
        most: takeMost(pid),
      });
      const taken = Object.fromEntries(processes.map(([name, pid]) => [name, stretchOf(name, pid)]));
      looks = emptyLists(Object.keys(pids));
      return taken;
    },
    async [Symbol.asyncDispose]() {
      over.abort();
      await watching;
    },
  };
}

function emptyLists(names: readonly string[]): Record<string, number[]> {
  return Object.fromEntries(names.map((name) => [name, []]));
}

async function residentMib(pid: number): Promise<number> {
  return mibOf(await readFile(`/proc/${pid}/status`, 'utf8'), 'VmRSS', pid);
}

/** Reads the most, and has it counted anew: at once, since a peak between the two would be lost. */
function takeMost(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  writeFileSync(`/proc/${pid}/clear_refs`, FORGET_MOST);
  return mibOf(status, 'VmHWM', pid);
}

/** @throws {Error} when the process has ended */
function mibOf(status: string, field: 'VmRSS' | 'VmHWM', pid: number): number {
  const [, kib] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
  if (kib === undefined) throw new Error(`Cannot read how much memory process ${pid} has in use`);
  return Number(kib) / KIB_A_MIB;
}
