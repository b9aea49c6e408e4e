import { randomUUID } from 'node:crypto';
import {
  type Engine,
  EngineError,
  importEmptyImage,
  isEngineFailure,
  removeImage,
  saysNoRoom,
  tryContainer,
} from '@orca/docker';
import { INSTALLATION_LABEL } from '@orca/grading';

/** The name of the images that an engine is tried with. */
const PROBE_REPOSITORY = 'orca-builder-probe';

/** Whether a failure of the engine may last though it tells its version: it was late, or failed, or is full. */
export function isDoubtful(error: unknown): boolean {
  const isLate = error instanceof EngineError && error.code === 'engine_timeout';
  return isLate || isEngineFailure(error) || saysNoRoom(error);
}

/**
 * Has the engine do once what a build needs of it: write an image, and make a container. One with a full disk, or one that
 * hangs, may tell its version all the same.
 *
 * @throws {EngineError} when it does not: then no Dockerfile is to blame
 * @throws the signal's reason when it aborts
 */
export async function probeEngine(
  engine: Engine,
  installationId: string,
  signal: AbortSignal,
): Promise<void> {
  const image = `${PROBE_REPOSITORY}:${randomUUID()}`;
  // By it a sweep finds a container that the engine made too late.
  const labels = { [INSTALLATION_LABEL]: installationId };
  try {
    await importEmptyImage(engine, image, signal);
    // What the engine refuses is an answer to this one, which also removes the image.
    await tryContainer(engine, { image, labels }, signal);
  } catch (error) {
    // Not waited for: an engine that hangs does it once it does anything.
    void removeImage(engine, image).catch(() => undefined);
    throw error;
  }
}
