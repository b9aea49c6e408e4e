import {
  type Engine,
  EngineError,
  type ImageState,
  inspectImage,
  isRefusal,
  pullImage,
  removeImage,
  saysNoRoom,
} from '@orca/docker';
import { FILLED_VOLUMES_MAX, plainLine, type RegistryReference } from '@orca/protocol';
import type { BuildLog } from './build-log.ts';
import { findLargePart } from './check-built.ts';
import { explainFailure } from './explain-failure.ts';
import type { PulledImages } from './pulled-images.ts';

/** What the images may be that stages begin with. */
export interface StageLimits {
  /** Of the build, for the sentences. */
  readonly memoryMb: number;
  /** Of all of them together: of each no more is in the grader image either. */
  readonly imageBytesMax: number;
}

/** What looking at them needs. */
export interface StageDeps {
  readonly engine: Engine;
  readonly log: BuildLog;
  /** Told of what is fetched and used. */
  readonly pulled?: PulledImages | undefined;
}

const SHOWN_CHARACTERS_MAX = 200;
const MIB = 1024 * 1024;

/** More is to be fetched than an image may be. */
class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/**
 * Looks at the registries' images that earlier stages begin with, before the engine builds on them: one may carry
 * instructions of its own, `ONBUILD`, or volumes, which no check of the Dockerfile has seen, and be of any size. What the
 * engine lacks is fetched, as the build would do, and as is looked at is built on then. What is too large goes again, but
 * never what was there before.
 *
 * @param references what the Dockerfile's stages begin with
 * @param signal ends it with the build's time
 * @returns why one is refused, for who wrote the Dockerfile; `null` where all are fine
 * @throws {EngineError} when the engine does not do its part
 * @throws {NoteError} when what is fetched cannot be noted
 * @throws the signal's reason when it aborts
 */
export async function findStageProblem(
  references: readonly RegistryReference[],
  { memoryMb, imageBytesMax }: StageLimits,
  deps: StageDeps,
  signal: AbortSignal,
): Promise<string | null> {
  let bytesLeft = imageBytesMax;
  for (const reference of references) {
    try {
      const { image, isNew } = await fetchImage(reference.image, bytesLeft, deps, signal);
      bytesLeft -= image.sizeBytes;
      if (bytesLeft < 0) {
        if (isNew) await drop(reference.image, deps);
        return tooLarge(reference, imageBytesMax);
      }
      const problem = problemOf(reference, image);
      if (problem !== null) return problem;
    } catch (error) {
      if (error instanceof TooLargeError) return tooLarge(reference, imageBytesMax);
      if (!isRefusal(error) || saysNoRoom(error)) throw error;
      const step = `FROM ${reference.image}`;
      return explainFailure({ message: messageOf(error), status: null, step, memoryMb });
    }
  }
  return null;
}

/** Gives what the engine has, or fetches it, unless that is more than so many bytes. */
async function fetchImage(
  reference: string,
  bytesMax: number,
  { engine, log, pulled }: StageDeps,
  signal: AbortSignal,
): Promise<{ image: ImageState; isNew: boolean }> {
  const found = await inspectImage(engine, reference);
  if (found !== null) {
    await pulled?.touch(reference);
    return { image: found, isNew: false };
  }
  log.begin(`Orca: fetching ${reference}`);
  await pulled?.note(reference);
  try {
    const image = await pull(reference, bytesMax, engine, signal);
    // A build that fetched it, too, and gave up may have forgotten it meanwhile.
    await pulled?.note(reference);
    return { image, isNew: true };
  } catch (error) {
    if (await isMissing(engine, reference)) await pulled?.forget(reference);
    throw error;
  }
}

async function pull(
  reference: string,
  bytesMax: number,
  engine: Engine,
  signal: AbortSignal,
): Promise<ImageState> {
  const stopIfTooLarge = (_line: string, bytes: number): void => {
    if (bytes > bytesMax) throw new TooLargeError();
  };
  await pullImage(engine, reference, stopIfTooLarge, signal);
  const image = await inspectImage(engine, reference);
  if (image !== null) return image;
  throw new Error(`Cannot build the image: the engine has fetched "${reference}" and does not have it`);
}

/** Whether it is certain that the engine does not have it. */
async function isMissing(engine: Engine, reference: string): Promise<boolean> {
  try {
    return (await inspectImage(engine, reference)) === null;
  } catch {
    return false;
  }
}

/** Removes what was fetched just now. Where the engine will not, it is swept later. */
async function drop(reference: string, { engine, pulled }: StageDeps): Promise<void> {
  try {
    const outcome = await removeImage(engine, reference);
    if (outcome === 'removed' || outcome === 'absent') await pulled?.forget(reference);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

function problemOf({ image: reference, hasRun }: RegistryReference, image: ImageState): string | null {
  const [trigger] = image.onBuild;
  const [volume] = image.volumes;
  const shown = plainLine(reference, SHOWN_CHARACTERS_MAX);
  if (trigger !== undefined)
    return `"${shown}" has instructions of its own for what is built on it, which nobody has checked: ONBUILD ${plainLine(trigger, SHOWN_CHARACTERS_MAX)}. Begin the stage with an image without ONBUILD`;
  const large = findLargePart(image);
  if (large !== null)
    return `the ${large} of "${shown}" is larger than that of a grader image may be. Begin the stage with another image`;
  if (image.volumes.length > FILLED_VOLUMES_MAX)
    return `"${shown}" has ${image.volumes.length} volumes, more than ${FILLED_VOLUMES_MAX}: the engine copies what lies there into each. Begin the stage with another image`;
  // Of the engine's own disk, for the time of each RUN: without a limit, and counted nowhere.
  if (volume !== undefined && hasRun)
    return `"${shown}" has a volume, ${plainLine(volume, SHOWN_CHARACTERS_MAX)}, where nothing limits or keeps what a RUN writes. Begin a stage without RUN with it and COPY --from that, or RUN on an image without volumes`;
  return null;
}

function tooLarge({ image }: RegistryReference, bytesMax: number): string {
  const shown = plainLine(image, SHOWN_CHARACTERS_MAX);
  return `with "${shown}", the images of registries that its stages begin with are more than ${Math.round(bytesMax / MIB)} MiB together. Begin them with smaller or fewer images`;
}

function messageOf(error: unknown): string {
  return error instanceof EngineError ? (error.reason ?? error.message) : String(error);
}
