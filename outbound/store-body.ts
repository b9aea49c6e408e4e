import { type FileHandle, open, rm } from 'node:fs/promises';
import { pipeline, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { type Answer, oneHeader } from './exchange.ts';
import { RefusedError } from './refused-error.ts';

/** Ours, not the server's: the disk is full, the folder is gone. */
export class StoreFileError extends Error {
  readonly code = 'cannot_store_file';
}

/** We ask for none; some servers compress all the same, and what counts is what comes out. */
const DECODERS = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/** What is needed of an answer. */
type Encoded = Pick<Answer, 'headers'> & { readonly body: AsyncIterable<Buffer> };

/**
 * Streams an answer's decoded body into a file and removes the file again when it cannot be finished. The body's chunks are
 * its own from then on: what has been stored is empty afterwards.
 *
 * @param store.maxBytes of the decoded body
 * @param store.onBytes called whenever bytes came from the server
 * @returns the number of decoded bytes, or `null` when there were more than `maxBytes`
 * @throws {StoreFileError} `cannot_store_file` when the file cannot be written here
 * @throws {RefusedError} when the body is encoded in a way that we do not know
 * @throws errors of the connection and the decoder
 */
export async function storeBody(
  answer: Encoded,
  store: { toPath: string; maxBytes: number; onBytes: () => void },
): Promise<number | null> {
  const body = decodedBody(answer, store.onBytes);
  const file = await storing(() => open(store.toPath, 'w', 0o600));
  let bytes: number | null = null;
  try {
    bytes = await writeChunks(body, file, store.maxBytes);
  } finally {
    await file.close();
    if (bytes === null) await rm(store.toPath, { force: true });
  }
  return bytes;
}

async function writeChunks(
  body: AsyncIterable<Buffer>,
  file: FileHandle,
  maxBytes: number,
): Promise<number | null> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) return null;
    await storing(() => file.writeFile(chunk));
    release(chunk);
  }
  return bytes;
}

/**
 * Gives the memory of a chunk back. A collector that goes by objects sees a small one in it, and tens of MiB wait until it
 * comes. What is only a part of its memory has others beside it that may not be written yet.
 */
function release({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) buffer.transfer(0);
}

function decodedBody(answer: Encoded, onBytes: () => void): AsyncIterable<Buffer> {
  const encoding = (oneHeader(answer, 'content-encoding') ?? 'identity').trim().toLowerCase();
  const raw = noticed(answer.body, onBytes);
  if (encoding === 'identity' || encoding === '') return raw;
  const createDecoder = DECODERS.get(encoding);
  if (createDecoder === undefined) throw new RefusedError('the server sent an unknown content encoding');
  // The reader of the decoder hears the same error as the callback.
  return pipeline(raw, createDecoder(), () => {});
}

async function* noticed(body: AsyncIterable<Buffer>, onBytes: () => void): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    onBytes();
    yield chunk;
  }
}

async function storing<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw new StoreFileError('Cannot store a fetched file: writing to the local disk failed', { cause });
  }
}
