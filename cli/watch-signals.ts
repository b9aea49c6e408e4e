const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a person, or the system, asked of this process so far. */
export interface StopSignals extends Disposable {
  /** Aborts at the first signal: stop in order. */
  readonly stopping: AbortSignal;
  /** Aborts at the second: stop now. */
  readonly hurried: AbortSignal;
}

/**
 * Turns Ctrl-C, SIGTERM and the end of the terminal into abort signals. The third ends the process on the spot; its
 * children notice that by themselves.
 */
export function watchSignals(say: (line: string) => void): StopSignals {
  const stopping = new AbortController();
  const hurried = new AbortController();
  const onSignal = (): void => {
    if (hurried.signal.aborted) process.exit(1);
    if (stopping.signal.aborted) {
      say('Stopping at once');
      hurried.abort();
    } else {
      say('Stopping; a second signal hurries');
      stopping.abort();
    }
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    stopping: stopping.signal,
    hurried: hurried.signal,
    [Symbol.dispose]() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}

/** Resolves when the signal aborts. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
