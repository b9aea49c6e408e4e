import { setTimeout as after } from 'node:timers/promises';

/**
 * Waits, at most until the signal aborts. Loops look at the signal themselves, so an abort is no error here.
 *
 * @param ms how long, in milliseconds
 * @returns after `ms`, or at once when the signal aborts
 */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await after(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}
