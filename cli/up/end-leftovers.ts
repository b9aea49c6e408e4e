import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep } from '@orca/daemon';

/** A process as it is remembered. */
interface Remembered {
  readonly name: string;
  readonly pid: number;
  /** When it started, in ticks since the machine did: a number that was given out again is another process. */
  readonly startTicks: string;
}

const FILE = 'processes.json';
/** They have been told to stop by the end of the one that started them; this is how long they get to do it. */
const PATIENCE_MS = 5_000;
const HURRIED_MS = 5_000;
const POLL_MS = 50;
/** The 22nd field of /proc/<pid>/stat, counted from behind the program's name. */
const START_TICKS_FIELD = 19;

/** Writes down which processes run for a data folder, for the case that this process is killed. */
export function createProcessList(dataDir: string): (name: string, pid: number) => Promise<void> {
  const processes = new Map<string, Remembered>();
  let writing = Promise.resolve();
  return (name, pid) => {
    const written = writing.then(async () => {
      const startTicks = await startTicksOf(pid);
      if (startTicks === null) return;
      processes.set(name, { name, pid, startTicks });
      const temporary = join(dataDir, `${FILE}.new`);
      await writeFile(temporary, JSON.stringify([...processes.values()]));
      await rename(temporary, join(dataDir, FILE));
    });
    // One that could not be written is no reason not to write the next.
    writing = written.catch(() => undefined);
    return written;
  };
}

/**
 * Waits for the processes that a killed `orca up` left behind; they stop by themselves, and are made to where they take
 * too long. To be called by who holds the data folder's lock: then nobody else's are meant.
 */
export async function endLeftovers(dataDir: string, say: (line: string) => void): Promise<void> {
  const alive = async (): Promise<Remembered[]> => {
    const remembered = readList(await readFile(join(dataDir, FILE), 'utf8').catch(() => '[]'));
    const ticks = await Promise.all(remembered.map(({ pid }) => startTicksOf(pid)));
    return remembered.filter((one, index) => ticks[index] === one.startTicks);
  };
  const left = await alive();
  if (left.length === 0) return;
  const names = left.map(({ name, pid }) => `${name} (process ${pid})`).join(', ');
  say(`Waiting for what an Orca that was killed left behind: ${names}`);
  for (const [signal, patienceMs] of [
    [null, PATIENCE_MS],
    ['SIGTERM', HURRIED_MS],
    ['SIGKILL', HURRIED_MS],
  ] as const) {
    if (signal !== null) for (const { pid } of await alive()) kill(pid, signal);
    const deadline = performance.now() + patienceMs;
    while (performance.now() < deadline) {
      if ((await alive()).length === 0) return;
      await sleep(POLL_MS);
    }
  }
}

/** Reads the list; a damaged one is an empty one. */
function readList(text: string): Remembered[] {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.filter(isRemembered) : [];
  } catch {
    return [];
  }
}

function isRemembered(value: unknown): value is Remembered {
  if (typeof value !== 'object' || value === null) return false;
  if (!('name' in value && 'pid' in value && 'startTicks' in value)) return false;
  const { name, pid, startTicks } = value;
  return (
    typeof name === 'string' && typeof startTicks === 'string' && Number.isInteger(pid) && Number(pid) > 1
  );
}

function kill(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended just now, which is what was wanted.
  }
}

async function startTicksOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name stands in brackets and may hold brackets and blanks itself.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TICKS_FIELD] ?? null;
}
