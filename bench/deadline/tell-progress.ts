/** Often enough to see that it goes on, seldom enough to be read. */
const EVERY_MS = 10_000;

/**
 * Says every ten seconds how far it is, until it is disposed of.
 *
 * @param describe how far it is now
 */
export function tellProgress(
  describe: () => string,
  say: (line: string) => void,
  everyMs: number = EVERY_MS,
): Disposable {
  const clock = setInterval(() => say(`  ${describe()}`), everyMs);
  return { [Symbol.dispose]: () => clearInterval(clock) };
}
