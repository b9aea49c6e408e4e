/** Gives what was loaded under a name, loading it when it is not known or too old. */
export type Remember<Value> = (name: string, load: () => Promise<Value>) => Promise<Value>;

/** Names remembered at once; after that all are loaded again. */
const NAMES_MAX = 1_000;

/**
 * Makes a memory for what is costly to know and may be a little old. Those who ask while it is loaded wait for the same
 * load; one that fails is not remembered.
 *
 * @param ageMsMax how old a value may be, counted from the beginning of its load
 * @param nowMs a clock that does not go back, in milliseconds
 */
export function rememberBriefly<Value>(
  ageMsMax: number,
  nowMs: () => number = () => performance.now(),
): Remember<Value> {
  const known = new Map<string, { value: Promise<Value>; untilMs: number }>();
  return (name, load) => {
    const found = known.get(name);
    if (found !== undefined && found.untilMs > nowMs()) return found.value;
    if (known.size >= NAMES_MAX) known.clear();
    const entry = { value: load(), untilMs: nowMs() + ageMsMax };
    known.set(name, entry);
    entry.value.catch(() => {
      if (known.get(name) === entry) known.delete(name);
    });
    return entry.value;
  };
}
