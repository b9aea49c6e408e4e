import type { Readable } from 'node:stream';
import { fieldAt, namesAt, numberAt, stringAt, stringsAt, textsByName } from './answer-fields.ts';
import { callEngine, type Engine, streamFromEngine } from './call-engine.ts';
import { EngineError, isRefusal } from './engine-error.ts';
import { splitReference } from './image-reference.ts';
import { readJsonLines } from './read-json-lines.ts';

/** What the engine knows of an image. Its contents are whatever its author wrote: nothing here may be trusted. */
export interface ImageState {
  /** `sha256:…`; says nothing across engines with different image stores. */
  readonly id: string;
  readonly tags: string[];
  readonly sizeBytes: number;
  /** `NAME=value` each. */
  readonly env: string[];
  /** The paths of its `VOLUME`s. */
  readonly volumes: string[];
  readonly labels: Readonly<Record<string, string>>;
  /** The digests of its layers, the lowest first: these can be compared across engines. */
  readonly layers: string[];
}

const INSPECT_TIMEOUT_MS = 10_000;
const TAG_TIMEOUT_MS = 10_000;
const REMOVE_TIMEOUT_MS = 60_000;

/**
 * Looks at an image.
 *
 * @param reference an id or a name with or without tag
 * @returns what the engine knows, or `null` when it has none
 * @throws {EngineError}
 */
export async function inspectImage(engine: Engine, reference: string): Promise<ImageState | null> {
  try {
    const call = { method: 'GET', path: `${imagePath(reference)}/json` } as const;
    const answer = await callEngine(engine, { ...call, timeoutMs: INSPECT_TIMEOUT_MS });
    return {
      id: stringAt(answer, 'Id'),
      tags: stringsAt(answer, 'RepoTags'),
      sizeBytes: numberAt(answer, 'Size'),
      env: stringsAt(answer, 'Config', 'Env'),
      volumes: namesAt(answer, 'Config', 'Volumes'),
      labels: textsByName(answer, 'Config', 'Labels'),
      layers: stringsAt(answer, 'RootFS', 'Layers'),
    };
  } catch (error) {
    if (isRefusal(error, 404)) return null;
    throw error;
  }
}

/**
 * Fetches an image from its registry.
 *
 * @param onProgress called with a line for a person, such as `Downloading`
 * @throws {EngineError} `engine_refused` with the registry's reason
 * @throws the signal's reason when it aborts
 */
export async function pullImage(
  engine: Engine,
  reference: string,
  onProgress: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { repository, tag } = splitReference(reference);
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
  await followProgress(answer, `Cannot pull "${reference}"`, (message) => {
    const status = fieldAt(message, 'status');
    if (typeof status === 'string') onProgress(status);
  }).catch((error) => rethrowAbort(error, signal));
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
  await followProgress(answer, `Cannot import "${reference}"`, () => undefined).catch((error) =>
    rethrowAbort(error, signal),
  );
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
 * Takes a name from an image, or removes it with its last one.
 *
 * @returns `absent` when there is none, `in_use` when a container needs it
 * @throws {EngineError}
 */
export async function removeImage(
  engine: Engine,
  reference: string,
): Promise<'removed' | 'absent' | 'in_use'> {
  try {
    await callEngine(engine, { method: 'DELETE', path: imagePath(reference), timeoutMs: REMOVE_TIMEOUT_MS });
    return 'removed';
  } catch (error) {
    if (isRefusal(error, 404)) return 'absent';
    if (isRefusal(error, 409)) return 'in_use';
    throw error;
  }
}

/**
 * Reads a progress stream to its end: an engine that fails half-way has long said 200.
 *
 * @param what `Cannot <action> "<value>"`, for the error
 * @throws {EngineError} `engine_refused` with the error in the stream
 */
export async function followProgress(
  answer: AsyncIterable<Buffer>,
  what: string,
  onMessage: (message: unknown) => void,
): Promise<void> {
  for await (const message of readJsonLines(answer)) {
    const error = fieldAt(message, 'error');
    if (typeof error === 'string')
      throw new EngineError('engine_refused', `${what}: ${error}`, { status: 200 });
    onMessage(message);
  }
}

/** An aborted stream ends with an error of its own; the caller wants the reason that it gave itself. */
export function rethrowAbort(error: unknown, signal: AbortSignal | undefined): never {
  throw signal?.aborted ? signal.reason : error;
}

/** References keep their slashes: the API routes on the rest of the path. */
function imagePath(reference: string): string {
  return `/images/${reference.split('/').map(encodeURIComponent).join('/')}`;
}
