import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Environment } from '@orca/daemon';

/** A check that is a program of its own. */
export interface Check {
  readonly name: string;
  readonly program: readonly [string, ...string[]];
}

/** What came out of it. */
export interface CheckOutcome {
  readonly passed: boolean;
  readonly durationMs: number;
  /** What it wrote; of interest when it failed. */
  readonly output: string;
}

/** The checks of the code as text, the quickest first. */
export const CHECKS: readonly Check[] = [
  { name: 'biome format', program: ['biome', 'format', '.'] },
  { name: 'biome lint', program: ['biome', 'lint', '--error-on-warnings', '.'] },
  { name: 'tsc', program: ['tsc', '--noEmit'] },
  { name: 'knip', program: ['knip', '--no-progress'] },
];

/**
 * Runs a check in a folder.
 *
 * @param env its `PATH` has to lead to the program
 * @throws the signal's reason when it aborts; the program has been told to stop then
 */
export async function runCheck(
  check: Check,
  options: { readonly folder: string; readonly env: Environment },
  signal: AbortSignal,
): Promise<CheckOutcome> {
  signal.throwIfAborted();
  const began = performance.now();
  const [file, ...args] = check.program;
  const child = spawn(file, args, {
    cwd: options.folder,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  try {
    const [status] = await once(child, 'close');
    return { passed: status === 0, durationMs: performance.now() - began, output };
  } catch (error) {
    signal.throwIfAborted();
    return { passed: false, durationMs: performance.now() - began, output: String(error) };
  }
}
