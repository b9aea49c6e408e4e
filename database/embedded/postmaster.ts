import { readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A fast shutdown: sessions are cut off, data are written, nothing needs recovery. */
const FAST_SHUTDOWN = 'SIGINT';
/** An immediate shutdown: the next start recovers from the log. */
const IMMEDIATE_SHUTDOWN = 'SIGQUIT';
const FAST_SHUTDOWN_MS = 20_000;
const IMMEDIATE_SHUTDOWN_MS = 5_000;
const KILL_MS = 5_000;
const POLL_MS = 25;

/**
 * Finds the server that runs on a data folder, started by whomever.
 *
 * @param cluster the folder's real path
 * @returns its process id, or `null` when none runs; a number left over in `postmaster.pid` whose process is something
 *   else by now (after a reboot) does not count
 */
export async function findPostmaster(cluster: string): Promise<number | null> {
  const text = await readFile(path.join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return Number.isSafeInteger(pid) && pid > 1 && (await isPostmasterOf(pid, cluster)) ? pid : null;
}

/**
 * Whether a server takes connections.
 *
 * @see {@link https://www.postgresql.org/docs/18/storage-file-layout.html} `postmaster.pid`, its eighth line
 */
export async function isReady(cluster: string, pid: number): Promise<boolean> {
  const text = await readFile(path.join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

/**
 * Stops a server: fast, then at once, then by force, each with its own deadline.
 *
 * @throws {Error} when it cannot be stopped at all
 */
export async function stopPostmaster(pid: number, cluster: string): Promise<void> {
  const steps = [
    { signal: FAST_SHUTDOWN, waitMs: FAST_SHUTDOWN_MS },
    { signal: IMMEDIATE_SHUTDOWN, waitMs: IMMEDIATE_SHUTDOWN_MS },
    { signal: 'SIGKILL', waitMs: KILL_MS },
  ] as const;
  for (const { signal, waitMs } of steps) {
    if (!(await isPostmasterOf(pid, cluster))) return;
    signalProcess(pid, signal);
    if (await waitForEnd(pid, cluster, waitMs)) return;
  }
  throw new Error(`Cannot stop PostgreSQL in "${cluster}": process ${pid} survives SIGKILL`);
}

/** A server's working folder is its data folder, always. A zombie has none any more. */
async function isPostmasterOf(pid: number, cluster: string): Promise<boolean> {
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => null);
  return folder === cluster;
}

async function waitForEnd(pid: number, cluster: string, waitMs: number): Promise<boolean> {
  const deadline = performance.now() + waitMs;
  while (performance.now() < deadline) {
    if (!(await isPostmasterOf(pid, cluster))) return true;
    await delay(POLL_MS);
  }
  return false;
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has just ended by itself.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
