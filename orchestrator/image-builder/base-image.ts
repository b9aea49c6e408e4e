import type { Engine } from '@orca/docker';
import { BASE_IMAGE, BaseMissingError, findBase } from '@orca/grading';

/** What to do about it. */
export const BASE_REMEDY =
  'DEPLOYMENT.md, step 3, says how to make it (outside of production, ./orca up does)';

/** The engine of builds has no base image: ours to mend, and no build pays for it. */
export class BaseGoneError extends Error {
  override readonly name = 'BaseGoneError';

  /** @param cause what a build met, where it was not told at once */
  constructor(cause?: unknown) {
    super(`Cannot build images: "${BASE_IMAGE}" is not in the engine; ${BASE_REMEDY}`, { cause });
  }
}

/** Whether the engine says that it has no base image. One that does not answer says nothing of it, and is told of as such. */
export async function isBaseGone(engine: Engine, signal?: AbortSignal): Promise<boolean> {
  try {
    await findBase(engine, signal);
    return false;
  } catch (error) {
    return error instanceof BaseMissingError;
  }
}
