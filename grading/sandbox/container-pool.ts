import type { CreateRequest } from '@orca/docker';
import { awaitNext, isHurried, isShort, type PoolKind } from './pool-kind.ts';
import { createPoolKinds } from './pool-kinds.ts';
import type { WaitingContainer } from './waiting-container.ts';

/** How large a pool may grow. */
export interface PoolLimits {
  /** Containers that wait or are being started, of all kinds together. */
  readonly containersMax: number;
  /** Of one kind: so many are taken at once at most. */
  readonly sameMax: number;
}

/** When a pool acts, in milliseconds. */
export interface PoolTimes {
  /** After one was taken, while there were enough: its job, if it is short, has ended by then. */
  readonly refillAfterMs: number;
  /** After a job had to wait for one: so long it is refilled at once. */
  readonly hurryMs: number;
  /** A kind that nobody asked for so long may lose its containers to another one. */
  readonly yieldAfterMs: number;
  /** A kind that nobody asked for so long is given up. */
  readonly idleMs: number;
}

/** What a pool is made of. */
export interface PoolDeps {
  /**
   * Starts a container, whose harness is loaded then.
   *
   * @throws when it cannot; nothing of it is left, then
   */
  start(spec: CreateRequest, signal: AbortSignal): Promise<WaitingContainer>;
  /** Removes one that was not given out; never waits, never throws. */
  remove(container: WaitingContainer): void;
  /** Whether an error of `start` speaks of that kind only; else all are given up, since the engine fails. */
  isOfOneKind(error: unknown): boolean;
}

/**
 * Started containers, ready for a job: of each kind as many as its jobs have lately asked for at once. A kind is a whole
 * create request, so that nothing is ever served by a container of another image, other limits or another network.
 *
 * | a container is | begins | ends |
 * | --- | --- | --- |
 * | being started | its kind wants more, there is room, and a moment has passed since the last one was taken | it waits; or it could not be started: its kind is forgotten |
 * | waiting | its harness is ready | it is taken, for good; it has died; its kind is idle, or must yield; `empty` |
 */
export interface ContainerPool {
  /**
   * Takes a container that waits, or the next that is ready where more are being started than jobs wait for.
   *
   * @param signal gives up waiting
   * @returns `null`: there is none, start one
   */
  take(spec: CreateRequest, signal: AbortSignal): Promise<WaitingContainer | null>;
  /** Gives up all that wait; the pool fills again when jobs ask. */
  empty(): void;
  /** Gives up all, for good; resolves when nothing is being started any more. */
  close(): Promise<void>;
}

/** What is right for a machine on which a container takes a few tenths of a second. */
export const POOL_TIMES: PoolTimes = {
  refillAfterMs: 250,
  hurryMs: 3_000,
  yieldAfterMs: 20_000,
  idleMs: 300_000,
};

/** An engine with two cores makes them no faster than two at a time; one while nobody waits disturbs the least. */
const STARTS_MAX = { hurried: 2, calm: 1 };

/** How often idle kinds are looked for, in the time after which they are. */
const IDLE_LOOKS = 10;

/** Makes an empty pool. */
export function createContainerPool(
  limits: PoolLimits,
  deps: PoolDeps,
  times: PoolTimes = POOL_TIMES,
): ContainerPool {
  const kinds = createPoolKinds(deps.remove);
  const starts = new Set<Promise<void>>();
  const closing = new AbortController();
  const empty = (): void => {
    for (const kind of kinds.list()) kinds.forget(kind);
  };
  const startOne = async (kind: PoolKind): Promise<void> => {
    kind.starting += 1;
    try {
      kinds.keep(kind, await deps.start(kind.spec, closing.signal));
    } catch (error) {
      // Whoever asks next starts one himself, and learns why it fails.
      if (deps.isOfOneKind(error)) kinds.forget(kind);
      else empty();
    } finally {
      kind.starting -= 1;
      for (const taker of [...kind.takers].slice(kind.starting)) taker(null);
    }
  };
  const hasRoom = (): boolean =>
    kinds.size < limits.containersMax || kinds.makeRoom(performance.now() - times.yieldAfterMs);
  const fill = (): void => {
    if (closing.signal.aborted) return;
    for (const kind of kinds.list()) {
      const startsMax = isHurried(kind) ? STARTS_MAX.hurried : STARTS_MAX.calm;
      while (starts.size < startsMax && isShort(kind) && hasRoom()) {
        const start = startOne(kind).finally(() => {
          starts.delete(start);
          fill();
        });
        starts.add(start);
      }
    }
  };
  let refill: NodeJS.Timeout | undefined;
  const fillSoon = (kind: PoolKind): void => {
    if (isHurried(kind)) fill();
    else
      refill ??= setTimeout(() => {
        refill = undefined;
        fill();
      }, times.refillAfterMs).unref();
  };
  const dropIdle = (): void => {
    const longAgo = performance.now() - times.idleMs;
    for (const kind of kinds.list()) if (kind.askedAtMs < longAgo) kinds.forget(kind);
  };
  const idleClock = setInterval(dropIdle, times.idleMs / IDLE_LOOKS).unref();

  return {
    async take(spec, signal) {
      if (closing.signal.aborted) return null;
      const known = kinds.find(spec);
      const kind = known ?? kinds.add(spec);
      kind.askedAtMs = performance.now();
      const [container] = kind.waiting;
      if (container !== undefined) {
        kind.waiting.delete(container);
        fillSoon(kind);
        return container;
      }
      kind.wanted = Math.min(limits.sameMax, kind.wanted + 1);
      if (known !== undefined) kind.hurriedUntilMs = performance.now() + times.hurryMs;
      const next = kind.starting > kind.takers.size ? awaitNext(kind, signal) : null;
      fillSoon(kind);
      return next;
    },
    empty,
    async close() {
      closing.abort();
      clearTimeout(refill);
      clearInterval(idleClock);
      empty();
      await Promise.all(starts);
    },
  };
}
