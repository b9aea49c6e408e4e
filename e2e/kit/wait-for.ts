import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 25;

/**
 * Waits until `probe` returns something other than `undefined`, `null` or `false`.
 *
 * @param what what is awaited, for the error
 * @throws when `timeoutMs` have passed without it
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > deadline)
      throw new Error(`Cannot go on with the test: ${what} did not come within ${timeoutMs} ms`);
    await sleep(POLL_MS);
  }
}
