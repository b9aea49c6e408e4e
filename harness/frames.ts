import { once } from 'node:events';
import type { Writable } from 'node:stream';
import {
  decodeFrameHeader,
  encodeFrame,
  encodeJsonFrame,
  FRAME_HEADER_BYTES,
} from '@orca/protocol/sandbox-plan';
import type { ByteReader } from './byte-reader.ts';

/** Where frames are written; one after another, whole. */
export interface FrameWriter {
  send(type: number, bytes?: Uint8Array): void;
  sendJson(type: number, value: unknown): void;
  /** Whatever is sent meanwhile goes in one piece: between here and the worker, each piece wakes two programs. */
  together(send: () => void): void;
  /** Resolves when what was sent is on its way, so that it does not pile up here. */
  flush(): Promise<void>;
}

/** Writes frames to a stream. */
export function createFrameWriter(stream: Writable): FrameWriter {
  return {
    send: (type, bytes = Buffer.alloc(0)) => void stream.write(encodeFrame(type, bytes)),
    sendJson: (type, value) => void stream.write(encodeJsonFrame(type, value)),
    together(send) {
      stream.cork();
      try {
        send();
      } finally {
        stream.uncork();
      }
    },
    async flush() {
      if (stream.writableNeedDrain) await once(stream, 'drain');
    },
  };
}

/**
 * Reads the beginning of the next frame.
 *
 * @throws {UnexpectedEndError}
 */
export async function readFrameHeader(reader: ByteReader): Promise<{ type: number; length: number }> {
  return decodeFrameHeader(await reader.readExactly(FRAME_HEADER_BYTES));
}
