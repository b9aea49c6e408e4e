import { spawn } from 'node:child_process';
import { PassThrough, type Readable } from 'node:stream';
import type { OutputPiece } from '@orca/docker';
import { BOOTSTRAP } from '@orca/protocol/sandbox-plan';
import type { RunningHarness } from './running-harness.ts';

const HARNESS_HEAP_MB = 96;

/** How long a harness whose input has ended may take to kill its commands and to remove its folder. */
const TIDY_MS = 8_000;

/**
 * Starts a harness as a process of this machine, in a session of its own, which a terminal's Ctrl-C does not reach.
 * Nothing of our environment goes with it.
 *
 * @param args what its program is told
 */
export function startProcessHarness(args: readonly string[]): RunningHarness {
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${HARNESS_HEAP_MB}`, '-e', BOOTSTRAP, ...args],
    {
      cwd: '/',
      env: {},
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  // It may be gone while something is still sent to it.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(-1));
    child.once('exit', (code) => resolve(code ?? -1));
  });
  const output = mergeOutput(child.stdout, child.stderr);
  return {
    stdin: child.stdin,
    output,
    async kill() {
      // Killed itself, it would leave its commands behind: its input is its life line.
      child.stdin.destroy();
      const timer = setTimeout(() => child.kill('SIGKILL'), TIDY_MS);
      await ended;
      clearTimeout(timer);
    },
    async ending() {
      return { exitCode: await ended, isOomKilled: false };
    },
    disconnect() {
      child.stdin.destroy();
      output.destroy();
    },
  };
}

/** Two streams as one, in pieces that say which is which; no faster than they are read. */
function mergeOutput(stdout: Readable, stderr: Readable): PassThrough & AsyncIterable<OutputPiece> {
  const merged = new PassThrough({ objectMode: true });
  let open = 2;
  for (const [stream, readable] of [
    ['stdout', stdout],
    ['stderr', stderr],
  ] as const) {
    readable.on('data', (bytes: Buffer) => {
      if (merged.destroyed || merged.write({ stream, bytes } satisfies OutputPiece)) return;
      readable.pause();
      merged.once('drain', () => readable.resume());
    });
    readable.on('close', () => {
      open -= 1;
      if (open === 0) merged.end();
    });
  }
  return merged;
}
