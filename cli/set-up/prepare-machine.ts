import type { Environment } from '@orca/daemon';
import type { Engine } from '@orca/docker';
import { ensureBaseImage } from './ensure-base-image.ts';
import { ensureEngine } from './ensure-engine.ts';
import type { Progress } from './progress.ts';

/**
 * Sets up what is missing on this machine: the engine, then the base image in it.
 *
 * @param deps.mayPull whether a registry may be asked for the image to build on
 * @returns the engine
 * @throws {UserError} that says what to do when something cannot be set up
 */
export async function prepareMachine(
  deps: { readonly env: Environment; readonly progress: Progress; readonly mayPull: boolean },
  signal: AbortSignal,
): Promise<Engine> {
  const engine = await ensureEngine(deps, signal);
  await ensureBaseImage({ ...deps, engine }, signal);
  return engine;
}
