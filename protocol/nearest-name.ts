/** Longest name that is compared: the work grows with the product of the lengths. */
const COMPARED_CHARACTERS_MAX = 64;

/** Edits needed to make one text of the other: Levenshtein's distance, neighbours swapped counting as one. */
function editDistance(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      let least = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const isSwap = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (row > 1 && column > 1 && isSwap) least = Math.min(least, (beforeLast[column - 2] ?? 0) + 1);
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return last[other.length] ?? 0;
}

/**
 * Finds the name that was probably meant.
 *
 * @returns the candidate with the fewest edits, at most one for each three characters; `null` when none is that near
 */
export function nearestName(name: string, candidates: Iterable<string>): string | null {
  const editsMax = Math.max(1, Math.floor(Math.min(name.length, COMPARED_CHARACTERS_MAX) / 3));
  let nearest: string | null = null;
  let fewest = editsMax + 1;
  for (const candidate of candidates) {
    if (Math.max(name.length, candidate.length) > COMPARED_CHARACTERS_MAX) continue;
    if (Math.abs(name.length - candidate.length) >= fewest) continue;
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < fewest) [nearest, fewest] = [candidate, edits];
  }
  return nearest;
}

/** The end of a sentence that suggests a name: `; did you mean "test"?`, or nothing. */
export function suggestion(name: string, candidates: Iterable<string>): string {
  const nearest = nearestName(name, candidates);
  return nearest === null ? '' : `; did you mean "${nearest}"?`;
}
