import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** What of its memory a process has in use, in MiB, at one look after the other. */
export type MemoryWatch = AsyncDisposable & {
  /** All looks so far, by the names of the processes. */
  samples: Readonly<Record<string, number[]>>;
  /** Looks once more, and begins the list anew. @returns what was seen since the last call */
  take(): Promise<Record<string, number[]>>;
};

const LOOK_MS = 250;
const KIB_A_MIB = 1024;

/**
 * Watches the resident memory of processes, as the kernel counts it.
 *
 * @param pids by name
 */
export function watchMemory(pids: Readonly<Record<string, number>>): MemoryWatch {
  const names = Object.keys(pids);
  let samples = emptyLists(names);
  const look = async (): Promise<void> => {
    for (const [name, pid] of Object.entries(pids)) samples[name]?.push(await residentMib(pid));
  };
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      await look();
      await pause(LOOK_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
  })();
  return {
    get samples() {
      return samples;
    },
    async take() {
      await look();
      const taken = samples;
      samples = emptyLists(names);
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

/** @throws {Error} when there is no such process */
async function residentMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  if (kib === undefined) throw new Error(`Cannot read how much memory process ${pid} has in use`);
  return Number(kib) / KIB_A_MIB;
}
