import type { Readable } from 'node:stream';
import { fieldAt, textAt } from './answer-fields.ts';
import { callEngine, type Engine, streamFromEngine } from './call-engine.ts';
import { EngineError, isRefusal } from './engine-error.ts';
import { followProgress } from './follow-progress.ts';
import { imagePath, splitReference } from './image-reference.ts';
import { inspectImage } from './inspect-image.ts';

const TAG_TIMEOUT_MS = 10_000;
const REMOVE_TIMEOUT_MS = 60_000;

/**
 * Fetches an image from its registry.
 *
 * @param onProgress called with a line for a person, such as `Downloading`, and with the bytes of the layers that have to be
 *   fetched, compressed, as far as they are known; ends it all by throwing
 * @throws {EngineError} `engine_refused` with the registry's reason
 * @throws the signal's reason when it aborts
 */
export async function pullImage(
  engine: Engine,
  reference: string,
  onProgress: (line: string, bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const { repository, tag } = splitReference(reference);
  const bytesOf = new Map<string, number>();
  const answer = await streamFromEngine(
    engine,
    {
      method: 'POST',
      path: '/images/create',
      query: { fromImage: repository, tag },
      timeoutMs: null,
    },
    signal,
  );
  await followProgress(
    answer,
    `Cannot pull "${reference}"`,
    (message) => {
      const status = fieldAt(message, 'status');
      if (typeof status !== 'string') return;
      if (status === 'Downloading') bytesOf.set(textAt(message, 'id'), layerBytes(message));
      onProgress(
        status,
        [...bytesOf.values()].reduce((sum, bytes) => sum + bytes, 0),
      );
    },
    signal,
  );
}

/** Of a layer that is fetched: what its registry says, or what has come where it says less. */
function layerBytes(message: unknown): number {
  const told = ['current', 'total'].map((name) => fieldAt(message, 'progressDetail', name));
  return Math.max(0, ...told.filter((bytes) => typeof bytes === 'number'));
}

/**
 * Makes an image of one layer from a root file system.
 *
 * @param tar the file system, also compressed
 * @returns its id
 * @throws {EngineError}
 */
export async function importImage(
  engine: Engine,
  tar: Readable,
  reference: string,
  signal?: AbortSignal,
): Promise<{ id: string }> {
  const { repository, tag } = splitReference(reference);
  const answer = await streamFromEngine(
    engine,
    {
      method: 'POST',
      path: '/images/create',
      query: { fromSrc: '-', repo: repository, tag },
      body: { tar },
      timeoutMs: null,
    },
    signal,
  );
  await followProgress(answer, `Cannot import "${reference}"`, () => undefined, signal);
  const image = await inspectImage(engine, reference);
  if (image !== null) return { id: image.id };
  throw new EngineError(
    'engine_answer_invalid',
    `Cannot import "${reference}": the engine has no such image`,
  );
}

/**
 * Gives an image another name.
 *
 * @throws {EngineError} `engine_refused` with 404 when there is no such image
 */
export async function tagImage(engine: Engine, image: string, reference: string): Promise<void> {
  const { repository, tag } = splitReference(reference);
  await callEngine(engine, {
    method: 'POST',
    path: `${imagePath(image)}/tag`,
    query: { repo: repository, tag },
    timeoutMs: TAG_TIMEOUT_MS,
  });
}

/**
 * Takes a name from an image, or removes it with its last one. Removing an image also removes the images of the steps that
 * it was built from, as far as they have no name and nothing else needs them.
 *
 * @param reference a name, or an id: that removes an image without a name, and one with a single name
 * @returns `absent` when there is none; `in_use` when a container or another image needs it; `many_names` when it is to
 *   be removed by its id and has several names, which have to be removed one by one
 * @throws {EngineError}
 */
export async function removeImage(
  engine: Engine,
  reference: string,
): Promise<'removed' | 'absent' | 'in_use' | 'many_names'> {
  try {
    await callEngine(engine, { method: 'DELETE', path: imagePath(reference), timeoutMs: REMOVE_TIMEOUT_MS });
    return 'removed';
  } catch (error) {
    if (isRefusal(error, 404)) return 'absent';
    if (!isRefusal(error, 409)) throw error;
    // Taking one of several names away never conflicts with anything.
    const image = await inspectImage(engine, reference);
    if (image === null) return 'absent';
    return image.tags.length > 1 ? 'many_names' : 'in_use';
  }
}
