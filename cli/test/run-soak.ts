import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { REPOSITORY } from '../repository.ts';
import type { StopSignals } from '../watch-signals.ts';

/**
 * Runs a soak in a process of its own, which writes its progress and its summary to this one's standard output.
 *
 * @param signals each is handed on: the first ends the sending of jobs, the second all
 * @returns whether all held
 */
export async function runSoak(
  { jobs, seed }: { readonly jobs: number; readonly seed: number },
  { stopping, hurried }: Pick<StopSignals, 'stopping' | 'hurried'>,
): Promise<boolean> {
  const child = spawn(process.execPath, [REPOSITORY.soak, '--jobs', String(jobs), '--seed', String(seed)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    // A terminal's Ctrl-C would reach it twice.
    detached: true,
  });
  const handOn = (): void => void child.kill('SIGTERM');
  for (const signal of [stopping, hurried]) signal.addEventListener('abort', handOn, { once: true });
  const [status] = await once(child, 'exit');
  return status === 0;
}
