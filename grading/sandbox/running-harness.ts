import type { Writable } from 'node:stream';
import type { OutputPiece } from '@orca/docker';

/** A harness that runs, in a container or beside us, with its three streams in hand. */
export interface RunningHarness {
  readonly stdin: Writable;
  readonly output: AsyncIterable<OutputPiece>;
  /** Ends it, and its output: at once, or after the time that a kill may take where something hangs. */
  kill(): Promise<void>;
  /** Waits until it has ended. @returns how, or `null` when it has vanished */
  ending(): Promise<{ readonly exitCode: number; readonly isOomKilled: boolean } | null>;
  /** Closes the streams; what it ran in is not removed. */
  disconnect(): void;
}
