import { once } from 'node:events';
import type { OutputPiece } from '@orca/docker';
import { encodeFrame, encodeProgram, FRAME } from '@orca/protocol/sandbox-plan';
import { HarnessError } from './read-frames.ts';
import type { RunningHarness } from './running-harness.ts';

/** A container whose harness is loaded and waits for its plan: nothing of any job has been in it. */
export interface WaitingContainer {
  readonly name: string;
  /** What it says begins with that it is ready; its program is not to be sent again. */
  readonly harness: RunningHarness;
  /**
   * Resolves, before it is given to a job, when it must not be any more: it has ended, its connection broke, or it says
   * what nobody has asked for.
   */
  readonly spoiled: Promise<void>;
}

const READY = encodeFrame(FRAME.ready, Buffer.alloc(0));

/**
 * Sends a started container its harness, and waits until that is ready for a plan.
 *
 * @param signal gives up, and closes the streams
 * @throws {HarnessError} when it ends, or says something else
 * @throws the signal's reason when it aborts
 */
export async function loadHarness(
  name: string,
  harness: RunningHarness,
  program: string,
  signal: AbortSignal,
): Promise<WaitingContainer> {
  const giveUp = (): void => harness.disconnect();
  signal.addEventListener('abort', giveUp);
  try {
    signal.throwIfAborted();
    if (!harness.stdin.write(encodeProgram(program))) await once(harness.stdin, 'drain', { signal });
    const pieces = harness.output[Symbol.asyncIterator]();
    const heard = await hearReady(pieces);
    signal.throwIfAborted();
    const next = pieces.next();
    const over = (): void => undefined;
    return {
      name,
      harness: { ...harness, output: replay(heard, next, pieces) },
      spoiled: next.then(over, over),
    };
  } catch (error) {
    harness.disconnect();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/** Of what it complains of before it is ready, so much is kept: an image may have a harness of its own, which never stops. */
const COMPLAINT_BYTES_MAX = 4 * 1024;

async function hearReady(pieces: AsyncIterator<OutputPiece>): Promise<OutputPiece[]> {
  const heard: OutputPiece[] = [];
  const textOf = (stream: OutputPiece['stream']): Buffer =>
    Buffer.concat(heard.filter((piece) => piece.stream === stream).map(({ bytes }) => bytes));
  while (textOf('stdout').length < READY.length) {
    const { done, value } = await pieces.next();
    if (done === true)
      throw new HarnessError(`Cannot load the harness: it ended. ${textOf('stderr')}`.trim());
    const room =
      value.stream === 'stderr' ? COMPLAINT_BYTES_MAX - textOf('stderr').length : value.bytes.length;
    if (room > 0) heard.push({ stream: value.stream, bytes: value.bytes.subarray(0, room) });
  }
  if (textOf('stdout').equals(READY)) return heard;
  throw new HarnessError('Cannot load the harness: it said something else than that it is ready');
}

/** All that comes out, from its beginning, as if nobody had listened yet. */
async function* replay(
  heard: readonly OutputPiece[],
  next: Promise<IteratorResult<OutputPiece>>,
  pieces: AsyncIterator<OutputPiece>,
): AsyncGenerator<OutputPiece> {
  yield* heard;
  for (let piece = await next; piece.done !== true; piece = await pieces.next()) yield piece.value;
}
