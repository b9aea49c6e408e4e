import { readFile, readlink, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MARK_FILE = 'process.json';
// In /proc/<pid>/stat, counted after the command's closing parenthesis, which may itself hold spaces.
const START_TIME_FIELD = 19;

/** What tells a process from every other one on its machine: pids are used again. */
interface ProcessMark {
  readonly pid: number;
  /** In ticks since boot. */
  readonly startTime: string;
  readonly bootId: string;
  /** Elsewhere (another boot, machine or container) the same number means another process, or none. */
  readonly pidNamespace: string;
}

/**
 * Marks a folder as this process's. Without `/proc` there is no mark, and nobody can tell.
 *
 * @throws {Error} with the system's code when the folder cannot be written to
 */
export async function markFolder(folder: string): Promise<void> {
  const mark = await describeProcess(process.pid);
  if (mark === null) return;
  const unfinished = join(folder, `${MARK_FILE}.part`);
  await writeFile(unfinished, JSON.stringify(mark), { mode: 0o600 });
  await rename(unfinished, join(folder, MARK_FILE));
}

/** What has become of the process that marked a folder; `unknown` where there is no mark, or one made elsewhere. */
export type OwnerState = 'running' | 'ended' | 'unknown';

/** Looks for the process that marked a folder. */
export async function findOwner(folder: string): Promise<OwnerState> {
  const mark = await readMark(join(folder, MARK_FILE));
  const self = await describeProcess(process.pid);
  if (mark === null || self === null) return 'unknown';
  if (mark.bootId !== self.bootId || mark.pidNamespace !== self.pidNamespace) return 'unknown';
  const now = await describeProcess(mark.pid);
  return now?.startTime === mark.startTime ? 'running' : 'ended';
}

async function describeProcess(pid: number): Promise<ProcessMark | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME_FIELD] ?? '';
    const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    return { pid, startTime, bootId, pidNamespace: await readlink('/proc/self/ns/pid') };
  } catch {
    return null;
  }
}

async function readMark(path: string): Promise<ProcessMark | null> {
  try {
    const mark: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isMark(mark) ? mark : null;
  } catch {
    return null;
  }
}

function isMark(value: unknown): value is ProcessMark {
  if (typeof value !== 'object' || value === null) return false;
  const texts = ['startTime', 'bootId', 'pidNamespace'].map((name): unknown => Reflect.get(value, name));
  return typeof Reflect.get(value, 'pid') === 'number' && texts.every((text) => typeof text === 'string');
}
