import { randomInt } from 'node:crypto';
import {
  attachContainer,
  type CreateRequest,
  createContainer,
  type Engine,
  inspectContainer,
  killContainer,
  startContainer,
  waitContainer,
} from '@orca/docker';
import type { RunningHarness } from './running-harness.ts';

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
 * @param signal gives up, once the container has been made
 * @throws {EngineError}; the container may be there then, under its name
 * @throws the signal's reason when it aborts
 */
export async function openJobContainer(
  engine: Engine,
  name: string,
  spec: CreateRequest,
  signal: AbortSignal,
): Promise<RunningHarness> {
  signal.throwIfAborted();
  // Not called off half-way: the engine would make it all the same, after it was removed.
  const { id } = await createContainer(engine, name, spec);
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
