import { setTimeout as after } from 'node:timers/promises';

const LOOK_MS = 20;
const DEADLINE_MS = 20_000;

/**
 * Waits until something is there.
 *
 * @throws {Error} when it has not come within 20 s
 */
export async function waitFor<T>(
  what: string,
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
): Promise<T> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`Cannot go on with the test: ${what} did not come`);
    await after(LOOK_MS);
  }
}
