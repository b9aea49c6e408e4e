import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Environment } from '@orca/daemon';

/** How a program of the machine ended. */
export type ProgramEnd =
  | { readonly kind: 'succeeded' }
  /** `tail`: the last lines that it wrote. */
  | { readonly kind: 'failed'; readonly status: number | null; readonly tail: string }
  | { readonly kind: 'missing' };

/** Lines of a failed program that are shown. */
const TAIL_LINES = 30;

/**
 * Runs a program of the machine without input, and follows what it writes.
 *
 * @param onLine gets each line of both streams
 * @returns how it ended; `missing` when there is no such program
 * @throws the signal's reason when it aborts; the program has been told to stop then
 */
export async function runProgram(
  [file, ...args]: readonly [string, ...string[]],
  options: { readonly env: Environment; readonly onLine?: (line: string) => void },
  signal: AbortSignal,
): Promise<ProgramEnd> {
  signal.throwIfAborted();
  const child = spawn(file, args, { env: options.env, stdio: ['ignore', 'pipe', 'pipe'], signal });
  const tail: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      options.onLine?.(line);
    });
  }
  try {
    const [status] = await once(child, 'close');
    if (status === 0) return { kind: 'succeeded' };
    return { kind: 'failed', status, tail: tail.join('\n') };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { kind: 'missing' };
    throw error;
  }
}
