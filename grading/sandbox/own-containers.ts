import { type Engine, removeContainer } from '@orca/docker';
import { chooseContainerName } from './job-container.ts';

/** The containers that a sandbox has made and not yet removed: no sweep may touch them. */
export interface OwnContainers {
  /** Chooses a name for one that is about to be made. */
  add(): string;
  isInUse(name: string): boolean;
  /** Removes one, whether or not it was made, in the background: nobody waits for it. */
  remove(name: string): void;
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
  return {
    add() {
      const name = chooseContainerName();
      inUse.add(name);
      return name;
    },
    isInUse: (name) => inUse.has(name),
    remove(name) {
      const removal = removeContainer(engine, name)
        .catch((error: unknown) => onLeftover?.(name, error))
        .finally(() => {
          inUse.delete(name);
          removals.delete(removal);
        });
      removals.add(removal);
    },
    async untilRemoved() {
      await Promise.all(removals);
    },
  };
}
