import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statfsSync } from 'node:fs';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { FlatShellStep } from '@orca/protocol';
import type { CommandLimit, SandboxPlan } from '@orca/protocol/sandbox-plan';
import { STATUS_NOT_EXECUTABLE, wrapCommand } from './command-wrapper.ts';
import { measureUsage, type Usage } from './measure-usage.ts';
import type { OutputPipes } from './output-pipes.ts';

/** What running a command needs. */
export interface CommandDeps {
  readonly plan: Pick<SandboxPlan, 'env' | 'home'>;
  readonly pipes: OutputPipes;
  /** Kills all that the submission runs; resolves when it is gone. */
  readonly killAll: () => Promise<void>;
  /** File systems that a command can fill. */
  readonly disks: readonly string[];
  readonly onStdout: (bytes: Buffer) => void;
  readonly onStderr: (bytes: Buffer) => void;
}

/** The time that a command has, and whose limit that is. */
export interface CommandTime {
  readonly ms: number;
  readonly limit: 'step_time' | 'job_time';
}

/** How a command ended. */
export interface CommandOutcome {
  /** Exit status, −N for signal N, `null` when its time was up. */
  readonly status: number | null;
  readonly limit: CommandLimit | null;
  readonly usage: Usage;
}

/** How long what holds the output open is waited for, once the command has ended. */
const DRAIN_MS = 1_000;

/** A disk with less than this left is full: what did not fit was larger. */
const DISK_FULL_BYTES = 64 * 1024;

/** Ended by SIGXFSZ, itself or the last program of its shell: a file was to be larger than the disk. */
const FILE_TOO_LARGE = [-constants.signals.SIGXFSZ, 128 + constants.signals.SIGXFSZ];

/**
 * Runs one command as the submission's user, and sees to it that nothing of it is left, unless it says so itself.
 *
 * @returns how it ended; a program that cannot be started is an ending too
 */
export async function runCommand(
  step: FlatShellStep,
  time: CommandTime,
  deps: CommandDeps,
): Promise<CommandOutcome> {
  const endMeasuring = measureUsage();
  const { exited, output } = start(step, deps);
  const clock = startClock(time.ms);
  const exit = await Promise.race([exited, clock.expired]);
  clock.stop();
  if (exit === 'expired' || !step.keepProcesses) await deps.killAll();
  await drain(output);
  const usage = endMeasuring();
  if (exit === 'expired') return { status: null, limit: limitHit(usage) ?? time.limit, usage };
  if (exit.sentence !== null) deps.onStderr(Buffer.from(`${exit.sentence}\n`));
  const isDiskHit =
    FILE_TOO_LARGE.includes(exit.status) || (exit.status !== 0 && deps.disks.some(isDiskFull));
  return { status: exit.status, limit: limitHit(usage) ?? (isDiskHit ? 'disk' : null), usage };
}

interface Exit {
  readonly status: number;
  /** Why it could not be started at all. */
  readonly sentence: string | null;
}

interface Started {
  readonly exited: Promise<Exit>;
  readonly output: Readable[];
}

function start(step: FlatShellStep, deps: CommandDeps): Started {
  const { file, args, options } = wrapCommand(step.cmd, step.workingDir, deps.plan);
  const pipes = [deps.pipes.take(), deps.pipes.take()];
  const stdio = pipes.map((pipe) => pipe?.writeFd ?? 'pipe');
  try {
    const child = spawn(file, args, { ...options, stdio: ['ignore', ...stdio] });
    const [stdout, stderr] = [pipes[0]?.reader ?? child.stdout, pipes[1]?.reader ?? child.stderr];
    stdout?.on('data', deps.onStdout);
    stderr?.on('data', deps.onStderr);
    const output = [stdout, stderr].filter((stream) => stream !== null);
    // Reading what nobody writes to any more cannot fail in a way that matters.
    for (const stream of output) stream.on('error', () => undefined);
    return { exited: waitForExit(child), output };
  } catch (error) {
    // Arguments and environment together are more than the kernel takes.
    for (const pipe of pipes) pipe?.reader.destroy();
    return { exited: Promise.resolve(notStarted(error)), output: [] };
  } finally {
    for (const pipe of pipes) pipe?.closeWriter();
  }
}

function notStarted(error: unknown): Exit {
  const isAtLimit = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
  const reason = error instanceof Error ? error.message : String(error);
  return {
    status: STATUS_NOT_EXECUTABLE,
    sentence: `Cannot start the command: ${isAtLimit ? 'too many processes are running' : reason}`,
  };
}

function waitForExit(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(notStarted(error)));
    child.once('exit', (code, signal) => {
      const status = code ?? (signal === null ? 0 : -constants.signals[signal]);
      resolve({ status, sentence: null });
    });
  });
}

function startClock(ms: number): { expired: Promise<'expired'>; stop: () => void } {
  const { promise, resolve } = Promise.withResolvers<'expired'>();
  const timer = setTimeout(() => resolve('expired'), ms);
  return { expired: promise, stop: () => clearTimeout(timer) };
}

/**
 * Waits until all that was printed is read. What still holds a stream open is not waited for for long; it is read on,
 * and thrown away, so that a server which stays does not die of a closed pipe.
 */
async function drain(output: readonly Readable[]): Promise<void> {
  const ends = output.map((stream) => (stream.closed ? undefined : once(stream, 'close')));
  const clock = startClock(DRAIN_MS);
  await Promise.race([Promise.all(ends), clock.expired]);
  clock.stop();
  for (const stream of output) {
    stream.removeAllListeners('data');
    stream.resume();
  }
}

function limitHit(usage: Usage): CommandLimit | null {
  if (usage.oomKills > 0) return 'memory';
  return usage.forksRefused > 0 ? 'pids' : null;
}

function isDiskFull(path: string): boolean {
  const { bavail, bsize, ffree } = statfsSync(path);
  return bavail * bsize < DISK_FULL_BYTES || ffree === 0;
}
