/** Something did not end, though all that it waits for has a limit of its own: a defect of ours. */
export class OverdueError extends Error {
  override readonly name = 'OverdueError';
}

/**
 * Waits for something, but not for ever: then it is told to stop, and left alone.
 *
 * @param act gets a signal that aborts when its time is over
 * @throws {OverdueError} when it has not ended by then
 * @throws what it fails with
 */
export async function endInTime<T>(act: (late: AbortSignal) => Promise<T>, seconds: number): Promise<T> {
  const late = new AbortController();
  const overdue = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new OverdueError(`It did not end within ${seconds} s`);
    overdue.reject(error);
    late.abort(error);
  }, seconds * 1_000);
  try {
    return await Promise.race([act(late.signal), overdue.promise]);
  } finally {
    clearTimeout(timer);
  }
}
