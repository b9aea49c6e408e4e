import { readSync } from 'node:fs';
import { decodeFrameHeader, FRAME_HEADER_BYTES } from '@orca/protocol/sandbox-plan';
import { UnexpectedEndError } from './unexpected-end.ts';

/** Frames that are read from a descriptor, which blocks: for a process that has nothing else to do meanwhile. */
export interface DescriptorReader {
  /** @throws {UnexpectedEndError} when the input ends before */
  readFrameHeader(): { type: number; length: number };
  /**
   * Exactly so many bytes.
   *
   * @throws {UnexpectedEndError} when the input ends before
   */
  readExactly(size: number): Buffer;
  /**
   * Exactly so many bytes, as they come; each piece is good until the next one.
   *
   * @throws {UnexpectedEndError} when the input ends before
   */
  readThrough(size: number): Iterable<Buffer>;
}

const PIECE_BYTES = 256 * 1024;

/** Reads no more of it than it is asked for. Node's streams would do it too, and take milliseconds to be loaded. */
export function readDescriptor(fd: number): DescriptorReader {
  const readInto = (target: Buffer, missing: number): number => {
    const got = readSync(fd, target);
    if (got === 0) throw new UnexpectedEndError(`Cannot read on: the last ${missing} bytes are missing`);
    return got;
  };
  const readExactly = (size: number): Buffer => {
    const bytes = Buffer.alloc(size);
    for (let at = 0; at < size; ) at += readInto(bytes.subarray(at), size - at);
    return bytes;
  };
  return {
    readExactly,
    readFrameHeader: () => decodeFrameHeader(readExactly(FRAME_HEADER_BYTES)),
    *readThrough(size) {
      const piece = Buffer.alloc(Math.min(size, PIECE_BYTES));
      for (let missing = size; missing > 0; ) {
        const got = readInto(piece.subarray(0, missing), missing);
        missing -= got;
        yield piece.subarray(0, got);
      }
    },
  };
}
