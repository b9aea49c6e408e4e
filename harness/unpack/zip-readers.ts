import { closeSync, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { RandomAccessReader } from 'yauzl';

type Done = (error: Error | null) => void;

const PIECE_BYTES = 64 * 1024;

/** Whatever an archive says of where something lies in it: at 2^64, too, for which Node's own reading has no number. */
function unexpectedEnd(): Error {
  return new Error('unexpected EOF');
}

/** Reads what lies in memory at once: yauzl's own reader of a buffer lets the event loop turn three times for each entry. */
export class MemoryReader extends RandomAccessReader {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    super();
    this.#bytes = bytes;
  }

  override read(buffer: Buffer, offset: number, length: number, position: number, done: Done): void {
    const isThere = position + length <= this.#bytes.length;
    if (isThere) this.#bytes.copy(buffer, offset, position, position + length);
    done(isThere ? null : unexpectedEnd());
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from([this.#bytes.subarray(start, end)]);
  }
}

/**
 * Reads a file. yauzl's own reader asks Node for any place that an archive names, and Node throws where it is past its numbers:
 * out of a callback, where nobody can catch it.
 */
export class FileReader extends RandomAccessReader {
  readonly #file: number;
  readonly #size: number;

  /** @param file its descriptor, which is closed with the reader */
  constructor(file: number, size: number) {
    super();
    this.#file = file;
    this.#size = size;
  }

  override read(buffer: Buffer, offset: number, length: number, position: number, done: Done): void {
    done(this.#readWhole(buffer.subarray(offset, offset + length), position));
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#readPieces(start, end));
  }

  override close(done: Done): void {
    closeSync(this.#file);
    done(null);
  }

  #readWhole(target: Buffer, position: number): Error | null {
    if (position + target.length > this.#size) return unexpectedEnd();
    try {
      const got = readSync(this.#file, target, 0, target.length, position);
      return got === target.length ? null : unexpectedEnd();
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** As many as there are: yauzl counts them. */
  *#readPieces(start: number, end: number): Generator<Buffer> {
    for (let at = start; at < Math.min(end, this.#size); ) {
      const piece = Buffer.alloc(Math.min(PIECE_BYTES, end - at));
      const got = readSync(this.#file, piece, 0, piece.length, at);
      if (got === 0) return;
      at += got;
      yield piece.subarray(0, got);
    }
  }
}
