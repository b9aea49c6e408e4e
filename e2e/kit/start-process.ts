import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endOfLog } from './end-of-log.ts';
import { waitFor } from './wait-for.ts';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 60_000;

/** A process of Orca under test. */
export interface OrcaProcess extends AsyncDisposable {
  readonly pid: number;
  /** What it reported as its address when it became ready (the server's URL), or ''. */
  readonly address: string;
  /** All that it wrote to stdout and stderr so far. */
  readonly log: () => string;
  /** Whether it has not ended. */
  readonly isRunning: () => boolean;
  /** Sends SIGTERM and waits for the end; returns the exit status. */
  stop(): Promise<number | null>;
  /** Kills it on the spot, as a crash would. */
  kill(): Promise<void>;
  /** Sends a signal and waits for nothing; one that has ended gets none. */
  signal(name: NodeJS.Signals): void;
}

/** Everything the processes need but what a test sets: no variable of the developer's shell leaks in. */
export function startEnvironment(settings: Record<string, string>): Record<string, string> {
  // biome-ignore lint/style/noProcessEnv: the tests are a launcher; the launched processes get these four and no others
  const { PATH = '', HOME = '', DOCKER_HOST, TMPDIR } = process.env;
  return {
    PATH,
    HOME,
    ...(DOCKER_HOST === undefined ? {} : { DOCKER_HOST }),
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    ENVIRONMENT: 'development',
    ORCA_LOG_FORMAT: 'json',
    ...settings,
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, 'exit', { signal: AbortSignal.timeout(STOP_TIMEOUT_MS) });
  child.kill(signal);
  await exited;
  return child.exitCode;
}

/**
 * Starts one of Orca's programs and waits until it says that it is ready.
 *
 * @param program path from the repository's root, with arguments: `['orchestrator/main.ts', 'server']`
 */
export async function startProcess(
  program: readonly string[],
  settings: Record<string, string>,
): Promise<OrcaProcess> {
  const [file = '', ...args] = program;
  const path = fileURLToPath(new URL(`../../${file}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], {
    env: startEnvironment(settings),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let log = '';
  child.stdout?.on('data', (chunk) => (log += chunk));
  child.stderr?.on('data', (chunk) => (log += chunk));
  let address: string | undefined;
  child.on('message', (message: { kind?: string; address?: string }) => {
    if (message.kind === 'ready') address = message.address ?? '';
  });
  await waitFor(
    `"${program.join(' ')}" being ready`,
    () => {
      if (child.exitCode !== null)
        throw new Error(`"${program.join(' ')}" ended with ${child.exitCode}:\n${endOfLog(log)}`);
      return address !== undefined;
    },
    START_TIMEOUT_MS,
  ).catch(async (cause: unknown) => {
    // Nobody else knows of it: it would outlive the test, and hold it up.
    await end(child, 'SIGKILL');
    throw new Error(`Cannot start "${program.join(' ')}":\n${endOfLog(log)}`, { cause });
  });
  return {
    pid: child.pid ?? 0,
    address: address ?? '',
    log: () => log,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    stop: () => end(child, 'SIGTERM'),
    kill: async () => void (await end(child, 'SIGKILL')),
    signal: (name) => void child.kill(name),
    [Symbol.asyncDispose]: async () => void (await end(child, 'SIGTERM')),
  };
}
