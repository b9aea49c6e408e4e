import { UnexpectedEndError } from './unexpected-end.ts';

/** Reads a stream of bytes in portions of the reader's choice, holding no more than one chunk of it. */
export class ByteReader {
  readonly #chunks: AsyncIterator<unknown>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<unknown>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /**
   * The next bytes, as many as there are, at most so many.
   *
   * @returns `null` at the end of the stream
   */
  async readSome(max: number): Promise<Buffer | null> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done) return null;
      if (Buffer.isBuffer(value)) this.#rest = value;
    }
    const some = this.#rest.subarray(0, max);
    this.#rest = this.#rest.subarray(some.length);
    return some;
  }

  /**
   * Exactly so many bytes.
   *
   * @throws {UnexpectedEndError} when the stream ends before
   */
  async readExactly(size: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.readThrough(size)) parts.push(part);
    return Buffer.concat(parts);
  }

  /**
   * Exactly so many bytes, as they come.
   *
   * @throws {UnexpectedEndError} when the stream ends before
   */
  async *readThrough(size: number): AsyncGenerator<Buffer> {
    let missing = size;
    while (missing > 0) {
      const some = await this.readSome(missing);
      if (some === null)
        throw new UnexpectedEndError(`Cannot read ${size} bytes: the last ${missing} are missing`);
      missing -= some.length;
      yield some;
    }
  }
}
