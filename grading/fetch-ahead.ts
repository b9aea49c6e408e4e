/** What is fetched before it is known whether it is needed; disposing of it ends that, and waits for the end. */
export interface FetchedAhead<T> extends AsyncDisposable {
  readonly fetched: Promise<T>;
}

/**
 * Begins to fetch.
 *
 * @param fetch ends soon when its signal aborts
 */
export function fetchAhead<T>(
  fetch: (stopped: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): FetchedAhead<T> {
  const unneeded = new AbortController();
  const fetched = fetch(AbortSignal.any([signal, unneeded.signal]));
  const over = fetched.then(
    () => undefined,
    () => undefined,
  );
  return {
    fetched,
    async [Symbol.asyncDispose]() {
      unneeded.abort();
      await over;
    },
  };
}
