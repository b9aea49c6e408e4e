import {
  type Engine,
  EngineError,
  type ImageState,
  inspectImage,
  isRefusal,
  pullImage,
  saysNoRoom,
} from '@orca/docker';
import { plainLine } from '@orca/protocol';
import type { BuildLog } from './build-log.ts';
import { explainFailure } from './explain-failure.ts';
import { hasLargeEnv } from './check-built.ts';

const SHOWN_CHARACTERS_MAX = 200;

/**
 * Looks at the registries' images that earlier stages begin with, before the engine builds on them: one may carry
 * instructions of its own, `ONBUILD`, which no check of the Dockerfile has seen. What the engine lacks is fetched, as the
 * build would do, and as is looked at is built on then.
 *
 * @param references what the Dockerfile's stages begin with
 * @param memoryMb of the build, for the sentences
 * @param signal ends it with the build's time
 * @returns why one is refused, for who wrote the Dockerfile; `null` where all are fine
 * @throws {EngineError} when the engine does not do its part
 * @throws the signal's reason when it aborts
 */
export async function findStageProblem(
  references: readonly string[],
  memoryMb: number,
  { engine, log }: { engine: Engine; log: BuildLog },
  signal: AbortSignal,
): Promise<string | null> {
  for (const reference of references) {
    try {
      const problem = problemOf(reference, await fetchImage(reference, { engine, log }, signal));
      if (problem !== null) return problem;
    } catch (error) {
      if (!isRefusal(error) || saysNoRoom(error)) throw error;
      return explainFailure({ message: messageOf(error), status: null, step: `FROM ${reference}`, memoryMb });
    }
  }
  return null;
}

async function fetchImage(
  reference: string,
  { engine, log }: { engine: Engine; log: BuildLog },
  signal: AbortSignal,
): Promise<ImageState> {
  const found = await inspectImage(engine, reference);
  if (found !== null) return found;
  log.begin(`Orca: fetching ${reference}`);
  await pullImage(engine, reference, () => undefined, signal);
  const pulled = await inspectImage(engine, reference);
  if (pulled !== null) return pulled;
  throw new Error(`Cannot build the image: the engine has fetched "${reference}" and does not have it`);
}

function problemOf(reference: string, image: ImageState): string | null {
  const [trigger] = image.onBuild;
  const shown = plainLine(reference, SHOWN_CHARACTERS_MAX);
  if (trigger !== undefined)
    return `"${shown}" has instructions of its own for what is built on it, which nobody has checked: ONBUILD ${plainLine(trigger, SHOWN_CHARACTERS_MAX)}. Begin the stage with an image without ONBUILD`;
  if (hasLargeEnv(image))
    return `the ENV of "${shown}" is larger than that of a grader image may be. Begin the stage with another image`;
  return null;
}

function messageOf(error: unknown): string {
  return error instanceof EngineError ? (error.reason ?? error.message) : String(error);
}
