import type { CreateRequest } from '@orca/docker';
import { createPoolKind, type PoolKind, sizeOf, wantLess } from './pool-kind.ts';
import type { WaitingContainer } from './waiting-container.ts';

/** All kinds of containers that a pool keeps. */
export interface PoolKinds {
  /** The kind of a create request, if there was a job for it lately. */
  find(spec: CreateRequest): PoolKind | undefined;
  add(spec: CreateRequest): PoolKind;
  /** The kind asked for last comes first. */
  list(): PoolKind[];
  /** Gives a container to who waits for it, else keeps it for who will; one that dies meanwhile is removed. */
  keep(kind: PoolKind, container: WaitingContainer): void;
  /** Removes the containers of a kind, and forgets that there were jobs for it. */
  forget(kind: PoolKind): void;
  /** Removes one container of the kind that nobody has asked for longest. @returns false: all were asked for since then */
  makeRoom(askedBeforeMs: number): boolean;
  /** How many containers wait or are being started. */
  readonly size: number;
}

/**
 * Has no kinds yet.
 *
 * @param remove removes a container that was not given out
 */
export function createPoolKinds(remove: (container: WaitingContainer) => void): PoolKinds {
  const kinds = new Map<string, PoolKind>();
  const discard = (kind: PoolKind, container: WaitingContainer): void => {
    if (kind.waiting.delete(container)) remove(container);
  };
  return {
    find: (spec) => kinds.get(JSON.stringify(spec)),
    add(spec) {
      const kind = createPoolKind(spec);
      kinds.set(JSON.stringify(spec), kind);
      return kind;
    },
    list: () => [...kinds.values()].toSorted((one, other) => other.askedAtMs - one.askedAtMs),
    keep(kind, container) {
      const [taker] = kind.takers;
      if (taker !== undefined) taker(container);
      // It was given up while it was being started.
      else if (kind.wanted === 0) remove(container);
      else {
        kind.waiting.add(container);
        void container.spoiled.then(() => {
          if (!kind.waiting.has(container)) return;
          // Those that keep dying are not started for ever: a job that misses one wants one more again.
          wantLess(kind);
          discard(kind, container);
        });
      }
    },
    forget(kind) {
      for (const [key, known] of kinds) if (known === kind) kinds.delete(key);
      kind.wanted = 0;
      for (const container of kind.waiting) discard(kind, container);
    },
    makeRoom(askedBeforeMs) {
      const idlest = this.list().findLast(({ waiting }) => waiting.size > 0);
      const [container] = idlest?.waiting ?? [];
      if (idlest === undefined || container === undefined || idlest.askedAtMs >= askedBeforeMs) return false;
      wantLess(idlest);
      discard(idlest, container);
      return true;
    },
    get size() {
      return [...kinds.values()].reduce((sum, kind) => sum + sizeOf(kind), 0);
    },
  };
}
