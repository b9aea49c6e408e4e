/** A piece of what a container printed. */
export interface OutputPiece {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Buffer;
}

const HEADER_BYTES = 8;
const STDERR = 2;

/**
 * Takes apart the stream of a container without a terminal: `[u8 stream][3 zeroes][u32 length, big-endian][bytes]`.
 * Pieces are handed on as they come, so that a frame is never held whole, and nothing is read ahead of the consumer.
 *
 * @see https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
 */
export async function* demultiplex(chunks: AsyncIterable<Buffer>): AsyncGenerator<OutputPiece> {
  let header: Buffer = Buffer.alloc(0);
  let remaining = 0;
  let stream: OutputPiece['stream'] = 'stdout';
  for await (const chunk of chunks) {
    let at = 0;
    while (at < chunk.length) {
      if (remaining > 0) {
        const bytes = chunk.subarray(at, at + remaining);
        at += bytes.length;
        remaining -= bytes.length;
        yield { stream, bytes };
        continue;
      }
      const part = chunk.subarray(at, at + HEADER_BYTES - header.length);
      at += part.length;
      header = Buffer.concat([header, part]);
      if (header.length < HEADER_BYTES) continue;
      stream = header.readUInt8(0) === STDERR ? 'stderr' : 'stdout';
      remaining = header.readUInt32BE(4);
      header = Buffer.alloc(0);
    }
  }
}
