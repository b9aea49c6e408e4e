import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { FlatShellStep } from '@orca/protocol';
import type { CommandLimit, FullDisk, SandboxPlan } from '@orca/protocol/sandbox-plan';
import { STATUS_NOT_EXECUTABLE, wrapCommand } from './command-wrapper.ts';
import type { Usage } from './measure-usage.ts';
import type { OutputPipes } from './output-pipes.ts';
import type { Surroundings } from './surroundings.ts';
import { watchDisks } from './watch-disks.ts';

/** What running a command needs. */
export interface CommandDeps {
  readonly plan: Pick<SandboxPlan, 'env' | 'home'>;
  readonly pipes: OutputPipes;
  readonly surroundings: Surroundings;
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
  /** The disk that the limit `disk` is about, if it is one. */
  readonly full: FullDisk | null;
  readonly usage: Usage;
}

/** How long what holds the output open is waited for, once the command has ended. */
const DRAIN_MS = 1_000;

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
  const { surroundings } = deps;
  const disks = watchDisks(surroundings.disks);
  const endMeasuring = surroundings.measureUsage();
  const { exited, output } = start(step, listeningFor(disks.hear, deps));
  const clock = startClock(time.ms);
  const exit = await Promise.race([exited, clock.expired]);
  clock.stop();
  if (exit === 'expired' || !step.keepProcesses) await surroundings.killAll();
  await drain(output);
  const usage = endMeasuring();
  const full = disks.end();
  if (exit === 'expired') {
    // What made it hang is worth more than that it did: a result says anyway that its time was up.
    const cause = limitHit(usage) ?? (full === null ? null : 'disk');
    return { status: null, limit: cause ?? time.limit, full, usage };
  }
  if (exit.sentence !== null) deps.onStderr(Buffer.from(`${exit.sentence}\n`));
  const isTooLarge = FILE_TOO_LARGE.includes(exit.status);
  const isDiskHit = isTooLarge || (exit.status !== 0 && full !== null);
  const limit = limitHit(usage) ?? (isDiskHit ? 'disk' : null);
  return { status: exit.status, limit, full: isTooLarge ? null : full, usage };
}

/** The same, with somebody more who listens. */
function listeningFor(hear: (bytes: Buffer) => void, deps: CommandDeps): CommandDeps {
  const both =
    (tell: (bytes: Buffer) => void) =>
    (bytes: Buffer): void => {
      hear(bytes);
      tell(bytes);
    };
  return { ...deps, onStdout: both(deps.onStdout), onStderr: both(deps.onStderr) };
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
  const { file, args, options } = wrapCommand(step.cmd, step.workingDir, {
    plan: deps.plan,
    user: deps.surroundings.user,
    isImageProgram: deps.surroundings.isImageProgram,
  });
  const pipes = [deps.pipes.take(), deps.pipes.take()];
  const stdio = pipes.map((pipe) => pipe?.writeFd ?? 'pipe');
  try {
    const child = spawn(file, args, { ...options, stdio: ['ignore', ...stdio] });
    if (child.pid !== undefined) deps.surroundings.onStarted(child.pid);
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
