import type { OutputPiece } from '@orca/docker';
import { decodeFrameHeader, FRAME_HEADER_BYTES, OUTPUT_TAIL_BYTES } from '@orca/protocol/sandbox-plan';

/** A frame that came out of a container: nothing in it is to be believed yet. */
export interface UntrustedFrame {
  readonly type: number;
  readonly bytes: Buffer;
}

/** What came out of a container is no frame, or not one that may come now. */
export class HarnessError extends Error {
  override readonly name = 'HarnessError';
  readonly code = 'harness_unbelievable';
}

/** The longest frame that a harness of ours sends. */
export const FRAME_BYTES_MAX = OUTPUT_TAIL_BYTES;

/**
 * Takes frames out of a container's stdout, and its stderr (which is for engineers) to the side.
 *
 * @param onStderr called with what the harness complains about
 * @throws {HarnessError} for a frame that is too long, or cut off by the end
 */
export async function* readFrames(
  output: AsyncIterable<OutputPiece>,
  onStderr: (bytes: Buffer) => void,
): AsyncGenerator<UntrustedFrame> {
  let parts: Buffer[] = [];
  let have = 0;
  let need = FRAME_HEADER_BYTES;
  let type: number | null = null;
  for await (const { stream, bytes } of output) {
    if (stream === 'stderr') {
      onStderr(bytes);
      continue;
    }
    let at = 0;
    while (at < bytes.length) {
      const part = bytes.subarray(at, at + need - have);
      at += part.length;
      have += part.length;
      parts.push(part);
      if (have < need) continue;
      const whole = Buffer.concat(parts);
      parts = [];
      have = 0;
      if (type === null) {
        const header = decodeFrameHeader(whole);
        if (header.length > FRAME_BYTES_MAX) {
          throw new HarnessError(
            `Cannot read a frame of type ${header.type}: its length is ${header.length}`,
          );
        }
        type = header.type;
        need = header.length;
        if (need > 0) continue;
      }
      yield { type, bytes: need === 0 ? Buffer.alloc(0) : whole };
      type = null;
      need = FRAME_HEADER_BYTES;
    }
  }
}
