import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import {
  encodeJsonFrame,
  encodeProgram,
  FRAME,
  frameHeader,
  type SandboxPlan,
} from '@orca/protocol/sandbox-plan';
import type { SandboxFile } from './sandbox.ts';

/** A file goes through one buffer, of so many bytes at most: a new one for each piece would be garbage that nobody sees to. */
const BUFFER_BYTES = 256 * 1024;

/**
 * Sends a harness all that it needs, and leaves the input open: that is its life line. Files go from the disk as fast as
 * the container takes them, and are never held whole.
 *
 * @throws when a file cannot be read or is not as long as it says, or when the container takes no more
 */
export async function sendJob(
  stdin: Writable,
  job: {
    readonly program: string | null;
    readonly plan: SandboxPlan;
    readonly files: readonly SandboxFile[];
  },
  signal: AbortSignal,
): Promise<void> {
  const send = (bytes: Uint8Array): Promise<void> => write(stdin, bytes, signal);
  if (job.program !== null) await send(encodeProgram(job.program));
  // The plan is on its way while the first file is opened.
  await Promise.all([send(encodeJsonFrame(FRAME.plan, job.plan)), sendFiles(job.files, send)]);
}

type Send = (bytes: Uint8Array) => Promise<void>;

async function sendFiles(files: readonly SandboxFile[], send: Send): Promise<void> {
  for (const file of files) {
    if ((await sendFile(file, send)) !== file.bytes)
      throw new Error(`Cannot send the file "${file.name}": it is not ${file.bytes} bytes long any more`);
  }
}

/**
 * Sends a file's frame, a small one in one piece: each piece wakes the engine, the container's shim and the harness.
 *
 * @returns how long it is, or a length beyond what it says
 */
async function sendFile({ path, bytes }: SandboxFile, send: Send): Promise<number> {
  await using file = await open(path);
  const header = frameHeader(FRAME.file, bytes);
  // One byte more shows a file that has grown.
  const buffer = Buffer.allocUnsafeSlow(Math.min(header.length + bytes + 1, BUFFER_BYTES));
  let filled = header.copy(buffer);
  for (let length = 0; ; ) {
    const { bytesRead } = await file.read(buffer, filled);
    length += bytesRead;
    filled += bytesRead;
    if (length > bytes) return length;
    if (bytesRead === 0 || filled === buffer.length) {
      await send(buffer.subarray(0, filled));
      filled = 0;
    }
    if (bytesRead === 0) return length;
  }
}

/** @returns when the bytes have gone, and may be changed; or when the input has been closed, which the next call finds */
async function write(stdin: Writable, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (!stdin.writable) throw new Error('Cannot send to the container: its input is closed');
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const onEnd = (): void => resolve();
  stdin.once('close', onEnd);
  signal.addEventListener('abort', onEnd);
  stdin.write(bytes, onEnd);
  await gone;
  stdin.off('close', onEnd);
  signal.removeEventListener('abort', onEnd);
  signal.throwIfAborted();
}
