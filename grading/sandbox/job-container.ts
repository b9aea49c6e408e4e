import { randomInt } from 'node:crypto';
import {
  attachContainer,
  type CreateRequest,
  createContainer,
  type Engine,
  inspectContainer,
  killContainer,
  type OutputPiece,
  startContainer,
  waitContainer,
} from '@orca/docker';
import type { Writable } from 'node:stream';

/** A container that runs, with its three streams in hand. */
export interface JobContainer {
  readonly stdin: Writable;
  readonly output: AsyncIterable<OutputPiece>;
  /** Ends it, and its output: at once, or with a hung engine after the time that a kill may take. */
  kill(): Promise<void>;
  /** Waits until it has ended. @returns how, or `null` when it has vanished */
  ending(): Promise<{ readonly exitCode: number; readonly isOomKilled: boolean } | null>;
  /** Closes the streams; it is not removed. */
  disconnect(): void;
}

const NAME_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const NAME_LENGTH = 12;

/** How long what a killed container still had to say may take to arrive. */
const LAST_WORDS_MS = 1_000;
const END_TIMEOUT_MS = 10_000;

/** A name that no other container has. */
export function chooseContainerName(): string {
  const characters = Array.from(
    { length: NAME_LENGTH },
    () => NAME_CHARACTERS[randomInt(NAME_CHARACTERS.length)],
  );
  return `orca-${characters.join('')}`;
}

/**
 * Creates a container, attaches to it and starts it, in this order, so that nothing that it says is missed.
 *
 * @throws {EngineError}; the container may be there then, under its name
 */
export async function openJobContainer(
  engine: Engine,
  name: string,
  spec: CreateRequest,
  signal: AbortSignal,
): Promise<JobContainer> {
  const { id } = await createContainer(engine, name, spec, signal);
  const attachment = await attachContainer(engine, id, signal);
  try {
    await startContainer(engine, id, signal);
  } catch (error) {
    attachment[Symbol.dispose]();
    throw error;
  }
  return {
    stdin: attachment.stdin,
    output: attachment.output,
    async kill() {
      await killContainer(engine, id).finally(() => {
        setTimeout(() => attachment[Symbol.dispose](), LAST_WORDS_MS).unref();
      });
    },
    async ending() {
      // Its streams close a moment before the engine knows that it has ended.
      await waitContainer(engine, id, AbortSignal.timeout(END_TIMEOUT_MS));
      return inspectContainer(engine, id);
    },
    disconnect: () => attachment[Symbol.dispose](),
  };
}
