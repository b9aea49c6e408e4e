import { type Readable, Transform, pipeline } from 'node:stream';
import { fieldAt } from './answer-fields.ts';
import { type Engine, streamFromEngine } from './call-engine.ts';
import { EngineError } from './engine-error.ts';
import { explainBreak, followProgress } from './follow-progress.ts';
import { imagePath } from './image-reference.ts';
import { inspectImage } from './inspect-image.ts';

/** A tar archive ends with two blocks of zeroes. */
const TAR_END = Buffer.alloc(1024);

/** Longest part of an archive's wrong end that is repeated in an error. */
const SHOWN_CHARACTERS_MAX = 300;

/** Longest list of loaded images that is believed. */
const SAID_CHARACTERS_MAX = 1024 * 1024;

const LOADED = /^Loaded image(?: ID)?: (.+)$/gm;

/**
 * Has the engine write an image, with all of its layers, as a tar archive. It carries no name, so that loading it takes
 * none from another image.
 *
 * @param id its id; the archive of a name would carry that name
 * @returns the archive as it comes; it fails with an {@link EngineError} when the engine breaks off or writes anything
 *   but a whole archive, and with the signal's reason when that aborts. Destroying it closes the connection
 * @throws {EngineError} `engine_refused` when there is no such image, with 404, or 500 by Docker 20.10
 */
export async function saveImage(engine: Engine, id: string, signal: AbortSignal): Promise<Readable> {
  const what = `Cannot save "${id}"`;
  // The engine may first write all layers to its own disk: only the caller knows how long that may take.
  const call = { method: 'GET', path: `${imagePath(id)}/get`, timeoutMs: null } as const;
  const answer = await streamFromEngine(engine, call, signal);
  let tail: Buffer = Buffer.alloc(0);
  const archive = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      tail = Buffer.concat([tail, chunk.subarray(-TAR_END.length)]).subarray(-TAR_END.length);
      done(null, chunk);
    },
    flush(done) {
      // An engine that fails half-way ends its answer well, with a message in JSON behind what it has written.
      if (tail.equals(TAR_END)) return done();
      const end = JSON.stringify(tail.toString('latin1').slice(-SHOWN_CHARACTERS_MAX));
      done(new EngineError('engine_answer_invalid', `${what}: the archive has no end, but ${end}`));
    },
  });
  // Before the pipeline's own: the first error that a stream is destroyed with is the one that it fails with.
  answer.once('error', (error) => archive.destroy(asError(explainBreak(error, what, signal))));
  pipeline(answer, archive, () => undefined);
  return archive;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason), { cause: reason });
}

/**
 * Loads images from an archive of {@link saveImage}. One that names its images gives them these names, taking them from
 * others: look at what you load.
 *
 * @param archive the tar archive, also compressed with gzip; it is streamed, and destroyed when loading fails
 * @returns the ids of what was loaded or had been there already, each once; at least one
 * @throws {EngineError} `engine_refused` for what is no archive of images, `engine_answer_invalid` when the engine names
 *   no image
 * @throws what the archive's stream fails with
 * @throws the signal's reason when it aborts
 */
export async function loadImage(
  engine: Engine,
  archive: Readable,
  signal: AbortSignal,
): Promise<{ ids: string[] }> {
  const what = 'Cannot load images';
  const answer = await streamFromEngine(
    engine,
    { method: 'POST', path: '/images/load', query: { quiet: '1' }, body: { tar: archive }, timeoutMs: null },
    signal,
  );
  let said = '';
  const onMessage = (message: unknown): void => {
    const text = fieldAt(message, 'stream');
    if (typeof text === 'string') said += text;
    if (said.length > SAID_CHARACTERS_MAX) {
      throw new EngineError('engine_answer_invalid', `${what}: the engine names too many`);
    }
  };
  await followProgress(answer, what, onMessage, signal);
  const references = loadedReferences(said);
  const images = await Promise.all(references.map((reference) => inspectImage(engine, reference)));
  const ids = images.flatMap((image) => (image === null ? [] : [image.id]));
  if (ids.length > 0) return { ids: [...new Set(ids)] };
  throw new EngineError('engine_answer_invalid', `${what}: the engine names none that it has`);
}

/** Pure: the ids and names in what the engine says of a load. */
function loadedReferences(said: string): string[] {
  return [...said.matchAll(LOADED)].flatMap(([, reference]) =>
    reference === undefined ? [] : [reference.trim()],
  );
}
