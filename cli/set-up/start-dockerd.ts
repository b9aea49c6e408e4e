import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, open, readFile, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Environment } from '@orca/daemon';
import { UserError } from '../user-error.ts';
import { runProgram } from './run-program.ts';

/** Where the engine's own log goes. */
export const DOCKERD_LOG = '/var/log/orca-dockerd.log';

const SYSTEMD_IS_RUNNING = '/run/systemd/system';

/** Files that name a process, and the program it should be: a kill leaves them behind, and dockerd believes them. */
const PID_FILES = [
  ['/var/run/docker.pid', 'dockerd'],
  ['/var/run/docker/containerd/containerd.pid', 'containerd'],
] as const;

/**
 * Starts the Docker engine as a service of this machine, which outlives this process: by systemd where that runs,
 * otherwise as a process of its own.
 *
 * @returns `ended`: resolves when it ends, never where systemd looks after it
 * @throws {UserError} when systemd cannot start it
 */
export async function startDockerd(env: Environment, signal: AbortSignal): Promise<{ ended: Promise<void> }> {
  if (await exists(SYSTEMD_IS_RUNNING)) {
    const end = await runProgram(['systemctl', 'start', 'docker'], { env }, signal);
    if (end.kind === 'succeeded') return { ended: new Promise(() => undefined) };
    throw new UserError(
      'Cannot start Docker: "systemctl start docker" failed. "journalctl -u docker" says why',
    );
  }
  for (const [file, program] of PID_FILES) if (await isStale(file, program)) await rm(file, { force: true });
  await using log = await open(DOCKERD_LOG, 'a');
  const child = spawn('dockerd', [], { env, detached: true, stdio: ['ignore', log.fd, log.fd] });
  child.unref();
  const done = (): void => undefined;
  return { ended: once(child, 'exit').then(done, done) };
}

/** Whether a file names a process that is gone, or is another program by now. */
async function isStale(pidFile: string, program: string): Promise<boolean> {
  const text = await readFile(pidFile, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  if (Number.isNaN(pid)) return false;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return basename(commandLine.split('\0', 1)[0] ?? '') !== program;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
