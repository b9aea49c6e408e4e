/** Places for jobs that are graded at once. */
export interface Slots {
  /** How many jobs run now. */
  readonly taken: number;
  /**
   * Waits until a slot is free.
   *
   * @returns when one is, or when the signal has aborted
   */
  untilFree(signal: AbortSignal): Promise<void>;
  /** Runs something in a slot until it ends; it must not throw. */
  run(work: () => Promise<void>): void;
  /** Waits until no slot is taken. */
  untilEmpty(): Promise<void>;
}

/** Makes `count` slots, all free. */
export function createSlots(count: number): Slots {
  const running = new Set<Promise<void>>();
  return {
    get taken() {
      return running.size;
    },
    async untilFree(signal) {
      if (signal.aborted || running.size < count) return;
      const { promise: aborted, resolve: onAbort } = Promise.withResolvers<void>();
      const listener = (): void => onAbort();
      signal.addEventListener('abort', listener);
      await Promise.race([aborted, ...running]);
      signal.removeEventListener('abort', listener);
    },
    run(work) {
      const run = work().finally(() => running.delete(run));
      running.add(run);
    },
    async untilEmpty() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
