/** Something to wait for that may happen before anybody waits. */
export interface WakeUp {
  /** Wakes whoever waits, or the next who will. */
  wake(): void;
  /**
   * Waits until woken, for at most `ms`, or until the signal aborts.
   *
   * @returns at once when `wake` was called since the last wait
   */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** Makes a wake-up that nobody has called yet. Only one waits for it at a time. */
export function createWakeUp(): WakeUp {
  let isWoken = false;
  let wakeWaiter = (): void => {};
  return {
    wake() {
      isWoken = true;
      wakeWaiter();
    },
    async wait(ms, signal) {
      if (!isWoken && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(() => end(), ms);
          const end = (): void => {
            clearTimeout(timer);
            signal.removeEventListener('abort', end);
            resolve();
          };
          wakeWaiter = end;
          signal.addEventListener('abort', end);
        });
      }
      wakeWaiter = () => {};
      isWoken = false;
    },
  };
}
