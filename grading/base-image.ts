import { type Engine, inspectImage } from '@orca/docker';

/** The name of the base image. Each engine has it: it is made once, and copied by whoever sets up the machines. */
export const BASE_IMAGE = 'orca-grader-base:latest';

/** What is the matter with a machine whose engine lacks it. */
export const BASE_TROUBLE = `the base image "${BASE_IMAGE}" is not in the container engine (DEPLOYMENT.md, step 3)`;

/** The base image is not in this machine's engine: no job that runs in it can be graded here until somebody loads it. */
export class BaseMissingError extends Error {
  override readonly name = 'BaseMissingError';

  constructor() {
    super(
      `Cannot start the grader image: "${BASE_IMAGE}" is not in the engine: copy it from the orchestrator's, as DEPLOYMENT.md says (outside of production, ./orca makes it)`,
    );
  }
}

/**
 * Finds the base image.
 *
 * @returns its id in this engine
 * @throws {BaseMissingError} when the engine has none
 * @throws {EngineError} when it does not answer as it should
 * @throws the signal's reason when it aborts
 */
export async function findBase(engine: Engine, signal?: AbortSignal): Promise<string> {
  const image = await inspectImage(engine, BASE_IMAGE, signal);
  if (image === null) throw new BaseMissingError();
  return image.id;
}
