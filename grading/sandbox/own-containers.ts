import { setTimeout as sleep } from 'node:timers/promises';
import { type Engine, removeContainer } from '@orca/docker';
import { chooseContainerName } from './job-container.ts';

/** The containers that a sandbox has made and not yet removed: no sweep may touch them. */
export interface OwnContainers {
  /** Chooses a name for one that is about to be made. */
  add(): string;
  isInUse(name: string): boolean;
  /**
   * Removes one, whether or not it was made, in the background: nobody waits for it.
   *
   * @param afterMs is left alone for so long before
   */
  remove(name: string, afterMs?: number): void;
  /** Waits for all removals, which begin at once now. */
  untilRemoved(): Promise<void>;
}

/**
 * Has none yet.
 *
 * @param onLeftover told of one that could not be removed: it is an orphan then, for a later sweep
 */
export function keepContainers(
  engine: Engine,
  onLeftover?: (name: string, error: unknown) => void,
): OwnContainers {
  const inUse = new Set<string>();
  const removals = new Set<Promise<void>>();
  const hurried = new AbortController();
  const rest = async (ms: number): Promise<void> => {
    if (ms > 0) await sleep(ms, undefined, { signal: hurried.signal }).catch(() => undefined);
  };
  return {
    add() {
      const name = chooseContainerName();
      inUse.add(name);
      return name;
    },
    isInUse: (name) => inUse.has(name),
    remove(name, afterMs = 0) {
      const removal = rest(afterMs)
        .then(() => removeContainer(engine, name))
        .catch((error: unknown) => onLeftover?.(name, error))
        .finally(() => {
          inUse.delete(name);
          removals.delete(removal);
        });
      removals.add(removal);
    },
    async untilRemoved() {
      hurried.abort();
      await Promise.all(removals);
    },
  };
}
