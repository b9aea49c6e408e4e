/** A time limit of ours was reached; the message is a clause for the person who asked. */
export class TimeLimitError extends Error {
  readonly code = 'time_limit';
}

/** Time limits of one exchange; all in milliseconds. */
export type TimeLimits = {
  /** For everything: name, connection, redirects, body. */
  totalMs: number;
  /** Without a single byte. */
  stallMs: number;
};

/** The clocks of one exchange. Dispose of it when the exchange is over. */
export type TimeWatch = Disposable & {
  /** Aborts with a {@link TimeLimitError}, or with the outer signal's reason. */
  signal: AbortSignal;
  /** Bytes came: the stall clock starts anew. */
  sawBytes(): void;
};

/**
 * Starts the clocks of one exchange.
 *
 * @param signal ends it early, with its own reason
 */
export function watchTime({ totalMs, stallMs }: TimeLimits, signal: AbortSignal): TimeWatch {
  const limits = new AbortController();
  const abort = (clause: string) => limits.abort(new TimeLimitError(clause));
  const total = setTimeout(abort, totalMs, `it was not over after ${totalMs / 1000} s`);
  const stall = setTimeout(abort, stallMs, `not a byte came for ${stallMs / 1000} s`);
  return {
    signal: AbortSignal.any([signal, limits.signal]),
    sawBytes: () => void stall.refresh(),
    [Symbol.dispose]() {
      clearTimeout(total);
      clearTimeout(stall);
    },
  };
}
