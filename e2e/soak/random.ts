/** Numbers that look like chance, and that a seed decides. */
export interface Random {
  /** From 0 up to, not including, 1. */
  fraction(): number;
  /** A whole number, both bounds included. */
  between(min: number, max: number): number;
  /** The same items in another order. */
  shuffle<T>(items: readonly T[]): T[];
}

const STEP = 0x6d2b79f5;
const WORD = 2 ** 32;

/**
 * Makes a source of numbers: the same seed gives the same numbers on every machine. No good for secrets.
 *
 * @see https://github.com/bryc/code/blob/master/jshash/PRNGs.md (mulberry32)
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + STEP) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / WORD;
  };
  const between = (min: number, max: number): number => min + Math.floor(fraction() * (max - min + 1));
  return {
    fraction,
    between,
    shuffle: (items) =>
      items
        .map((item) => ({ item, at: fraction() }))
        .toSorted((one, other) => one.at - other.at)
        .map(({ item }) => item),
  };
}
