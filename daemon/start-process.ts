import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Environment } from './load-environment.ts';

/** One of Orca's programs, as it is to be started. */
export interface ProcessSpec {
  /** How it is called in sentences: `worker 1`. */
  readonly name: string;
  /** The file, then arguments. */
  readonly program: readonly [string, ...string[]];
  readonly env: Environment;
  /** Where its log goes: this process's own output, or an open file. */
  readonly output: 'inherit' | number;
}

/** A program that ended before it was ready, or was not ready in time. Its own log says why. */
export class ProcessStartError extends Error {
  override readonly name = 'ProcessStartError';
}

/** A process that has said that it is ready. */
export interface RunningProcess {
  readonly pid: number;
  /** Where it listens; '' where it does not. */
  readonly address: string;
  /** Resolves when it has ended, with how: `status 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
  /**
   * Tells it to stop, tells it again when `hurried` aborts, and kills it when it has not ended in time.
   *
   * @returns when it has ended
   */
  stop(patienceMs: number, hurried: AbortSignal): Promise<void>;
}

const START_PROGRAM = join(import.meta.dirname, 'start-program.sh');
const READY_TIMEOUT_MS = 60_000;
/** Between two signals, so that they arrive as two. */
const SECOND_SIGNAL_MS = 200;
/** What a hurried process gets before it is killed. */
const HURRIED_MS = 10_000;

/**
 * Starts a program in a session of its own, which a terminal's Ctrl-C does not reach, tied to this process by an IPC
 * channel: when this process dies, the child learns it and stops.
 *
 * @returns when it says that it is ready
 * @throws {ProcessStartError} when it ends before, or is not ready in time
 * @throws the signal's reason when it aborts; the process has been killed then
 */
export async function startProcess(spec: ProcessSpec, signal: AbortSignal): Promise<RunningProcess> {
  signal.throwIfAborted();
  const child = spawn(START_PROGRAM, spec.program, {
    env: spec.env,
    detached: true,
    stdio: ['ignore', spec.output, spec.output, 'ipc'],
  });
  const ended = untilEnded(child);
  const address = await untilReady(child, spec.name, ended, signal).catch(async (error) => {
    child.kill('SIGKILL');
    await ended;
    throw error;
  });
  return {
    pid: child.pid ?? 0,
    address,
    ended,
    stop: (patienceMs, hurried) => stop(child, ended, patienceMs, hurried),
  };
}

/** Resolves with how it has ended; with why, where the system could not start it at all. */
function untilEnded(child: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  child.once('exit', (status, by) => resolve(by ?? `status ${status}`));
  child.on('error', (error) => {
    // Of one that runs, an error says only that it could not be told something.
    if (child.pid === undefined) resolve(error.message);
  });
  return promise;
}

async function untilReady(
  child: ChildProcess,
  name: string,
  ended: Promise<string>,
  signal: AbortSignal,
): Promise<string> {
  const ready = Promise.withResolvers<string>();
  child.on('message', (message) => {
    if (typeof message === 'object' && 'kind' in message && message.kind === 'ready')
      ready.resolve('address' in message ? String(message.address) : '');
  });
  void ended.then((how) =>
    ready.reject(new ProcessStartError(`Cannot start ${name}: it ended with ${how}, see its log`)),
  );
  const late = AbortSignal.timeout(READY_TIMEOUT_MS);
  late.addEventListener('abort', () => {
    ready.reject(
      new ProcessStartError(`Cannot start ${name}: it was not ready after ${READY_TIMEOUT_MS / 1000} s`),
    );
  });
  const onAbort = (): void => ready.reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  try {
    return await ready.promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function stop(
  child: ChildProcess,
  ended: Promise<string>,
  patienceMs: number,
  hurried: AbortSignal,
): Promise<void> {
  const timers: NodeJS.Timeout[] = [];
  const hurry = (): void => {
    timers.push(setTimeout(() => child.kill('SIGTERM'), SECOND_SIGNAL_MS));
    timers.push(setTimeout(() => child.kill('SIGKILL'), HURRIED_MS));
  };
  child.kill('SIGTERM');
  timers.push(setTimeout(() => child.kill('SIGKILL'), patienceMs));
  if (hurried.aborted) hurry();
  else hurried.addEventListener('abort', hurry);
  await ended;
  hurried.removeEventListener('abort', hurry);
  for (const timer of timers) clearTimeout(timer);
}
