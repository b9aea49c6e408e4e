import { loadEnvironment } from '@orca/daemon';
import { prepareMachine } from '../set-up/prepare-machine.ts';
import { createProgress } from '../set-up/progress.ts';
import { untilAborted, watchSignals } from '../watch-signals.ts';
import type { UpOptions } from './register.ts';
import { startSystem } from './start-system.ts';

/** The status of a program that was stopped before it had begun, as shells have it for Ctrl-C. */
const INTERRUPTED_STATUS = 130;

/**
 * Runs everything on this machine until it is told to stop.
 *
 * @returns the exit status: 0 after an orderly stop
 * @throws {UserError} when it cannot start
 */
export async function runUp(options: UpOptions): Promise<number> {
  const env = loadEnvironment();
  const progress = createProgress(process.stderr);
  using signals = watchSignals(progress.say);
  try {
    const engine = await prepareMachine({ env, progress, mayPull: true }, signals.stopping);
    const system = await startSystem(
      { ...options, dataDir: options.data, output: 'inherit' },
      { env, engine, say: progress.say },
      signals.stopping,
    );
    process.stdout.write(`Orca is ready at ${system.url}\n`);
    await untilAborted(signals.stopping);
    await system.stop(signals.hurried);
    return 0;
  } catch (error) {
    if (signals.stopping.aborted && error === signals.stopping.reason) return INTERRUPTED_STATUS;
    throw error;
  }
}
