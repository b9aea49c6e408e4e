/** Something did not end, though all that it waits for has a limit of its own: a defect of ours. */
export class OverdueError extends Error {
  override readonly name = 'OverdueError';
}

/** How long something may take. */
export interface TimeToEnd {
  readonly seconds: number;
  /** Aborts when it is to end before. */
  readonly ended: AbortSignal;
  /** How long it may take from then on. */
  readonly graceSeconds: number;
}

/**
 * Waits for something, but not for ever: then it is told to stop, and left alone.
 *
 * @param act gets a signal that aborts when its time is over, or when it is to end
 * @throws {OverdueError} when it has not ended in its time
 * @throws what it fails with
 */
export async function endInTime<T>(
  act: (over: AbortSignal) => Promise<T>,
  { seconds, ended, graceSeconds }: TimeToEnd,
): Promise<T> {
  const late = new AbortController();
  const overdue = Promise.withResolvers<never>();
  const giveUpAfter = (limitSeconds: number): NodeJS.Timeout =>
    setTimeout(() => {
      const error = new OverdueError(`It did not end within ${limitSeconds} s`);
      overdue.reject(error);
      late.abort(error);
    }, limitSeconds * 1_000);
  const timers = [giveUpAfter(seconds)];
  const hurry = (): void => void timers.push(giveUpAfter(graceSeconds));
  ended.addEventListener('abort', hurry, { once: true });
  if (ended.aborted) hurry();
  try {
    return await Promise.race([act(AbortSignal.any([ended, late.signal])), overdue.promise]);
  } finally {
    ended.removeEventListener('abort', hurry);
    for (const timer of timers) clearTimeout(timer);
  }
}
