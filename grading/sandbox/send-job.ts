import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import type { Writable } from 'node:stream';
import {
  encodeJsonFrame,
  encodeProgram,
  FRAME,
  frameHeader,
  type SandboxPlan,
} from '@orca/protocol/sandbox-plan';
import type { SandboxFile } from './sandbox.ts';

const CHUNK_BYTES = 256 * 1024;

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
  const send = async (bytes: Uint8Array): Promise<void> => {
    signal.throwIfAborted();
    if (!stdin.writable) throw new Error('Cannot send to the container: its input is closed');
    if (!stdin.write(bytes)) await drained(stdin, signal);
  };
  if (job.program !== null) await send(encodeProgram(job.program));
  await send(encodeJsonFrame(FRAME.plan, job.plan));
  for (const file of job.files) {
    await send(frameHeader(FRAME.file, file.bytes));
    let sent = 0;
    for await (const chunk of createReadStream(file.path, { highWaterMark: CHUNK_BYTES })) {
      sent += chunk.length;
      if (sent > file.bytes) break;
      await send(chunk);
    }
    if (sent !== file.bytes) {
      throw new Error(`Cannot send the file "${file.name}": it is not ${file.bytes} bytes long any more`);
    }
  }
}

/** A connection that closes never drains. */
async function drained(stdin: Writable, signal: AbortSignal): Promise<void> {
  const waiting = new AbortController();
  const either = AbortSignal.any([signal, waiting.signal]);
  try {
    await Promise.race([once(stdin, 'drain', { signal: either }), once(stdin, 'close', { signal: either })]);
  } finally {
    waiting.abort();
  }
}
