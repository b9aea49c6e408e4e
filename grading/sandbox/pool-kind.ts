import type { CreateRequest } from '@orca/docker';
import type { WaitingContainer } from './waiting-container.ts';

/** The containers of one create request. */
export interface PoolKind {
  readonly spec: CreateRequest;
  /** Ready, the one that has waited longest first. */
  readonly waiting: Set<WaitingContainer>;
  /** Jobs that wait for one that is being started, the first first. */
  readonly takers: Set<Taker>;
  /** How many are being started. */
  starting: number;
  /** How many should wait. */
  wanted: number;
  /** Moments of `performance.now()`. */
  askedAtMs: number;
  hurriedUntilMs: number;
}

/** Takes the container that it waited for, or learns that none comes. */
export type Taker = (container: WaitingContainer | null) => void;

/** Makes a kind that has nothing, and wants nothing. */
export function createPoolKind(spec: CreateRequest): PoolKind {
  const never = Number.NEGATIVE_INFINITY;
  return {
    ...{ spec, waiting: new Set<WaitingContainer>(), takers: new Set<Taker>() },
    ...{ starting: 0, wanted: 0, askedAtMs: never, hurriedUntilMs: never },
  };
}

/** How many wait, or will. */
export function sizeOf({ waiting, starting }: PoolKind): number {
  return waiting.size + starting;
}

/** Whether it has fewer than it should, without those that are promised already. */
export function isShort(kind: PoolKind): boolean {
  return sizeOf(kind) - kind.takers.size < kind.wanted;
}

/** Waits for the next one that is ready and that nobody else waits for. @returns `null` when none comes */
export function awaitNext(kind: PoolKind, signal: AbortSignal): Promise<WaitingContainer | null> {
  return new Promise((resolve) => {
    const take: Taker = (container) => {
      kind.takers.delete(take);
      signal.removeEventListener('abort', giveUp);
      resolve(container);
    };
    const giveUp = (): void => take(null);
    signal.addEventListener('abort', giveUp);
    kind.takers.add(take);
    if (signal.aborted) giveUp();
  });
}

/** Wants one container less. */
export function wantLess(kind: PoolKind): void {
  kind.wanted = Math.max(0, kind.wanted - 1);
}

/** Whether jobs lately had to wait for it. */
export function isHurried({ hurriedUntilMs }: PoolKind): boolean {
  return performance.now() < hurriedUntilMs;
}
