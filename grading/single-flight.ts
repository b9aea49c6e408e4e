/**
 * Makes a function that does a piece of work once for all who ask for it at the same time. Who gives up leaves the work to
 * the others; when all have, it is stopped.
 *
 * @param work gets a signal that aborts when nobody waits any more
 * @returns a function that rejects with its own signal's reason when that aborts, otherwise as the work ends
 */
export function createSingleFlight<T>(
  work: (name: string, signal: AbortSignal) => Promise<T>,
): (name: string, signal: AbortSignal) => Promise<T> {
  const flights = new Map<string, Flight<T>>();

  const begin = (name: string): Flight<T> => {
    const stop = new AbortController();
    const flight: Flight<T> = { stop, waiting: 0, result: work(name, stop.signal) };
    const land = (): void => {
      if (flights.get(name) === flight) flights.delete(name);
    };
    flight.result.then(land, land);
    flights.set(name, flight);
    return flight;
  };

  return async (name, signal) => {
    signal.throwIfAborted();
    const flight = flights.get(name) ?? begin(name);
    flight.waiting += 1;
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([flight.result, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      flight.waiting -= 1;
      if (flight.waiting === 0) {
        flight.stop.abort();
        // Whoever comes now must not wait for what is being stopped.
        if (flights.get(name) === flight) flights.delete(name);
      }
    }
  };
}

interface Flight<T> {
  readonly stop: AbortController;
  readonly result: Promise<T>;
  waiting: number;
}
