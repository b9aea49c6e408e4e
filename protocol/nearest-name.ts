/** Longest name that is compared: the work grows with the product of the lengths. */
const COMPARED_CHARACTERS_MAX = 32;

/** More edits make another word of a long one. */
const EDITS_MAX = 3;
/** More edits than any two texts need; one more still fits into a byte. */
const MANY = 200;

/**
 * Edits needed to make one text of the other: Levenshtein's distance, neighbours swapped counting as one.
 *
 * @returns some number above `editsMax` where there are more: what cannot lead to fewer is not looked at
 */
function editDistance(one: string, other: string, editsMax: number): number {
  const width = other.length + 1;
  let [beforeLast, last, current] = [new Uint8Array(width), new Uint8Array(width), new Uint8Array(width)];
  for (let column = 0; column < width; column++) last[column] = column;
  for (let row = 1; row <= one.length; row++) {
    // Beside this band lie more edits than that.
    current.fill(MANY);
    if (row <= editsMax) current[0] = row;
    let fewest = current[0] ?? MANY;
    const end = Math.min(other.length, row + editsMax);
    for (let column = Math.max(1, row - editsMax); column <= end; column++) {
      const same = one.charCodeAt(row - 1) === other.charCodeAt(column - 1);
      let least = Math.min(
        (last[column] ?? MANY) + 1,
        (current[column - 1] ?? MANY) + 1,
        (last[column - 1] ?? MANY) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && isSwap(one, row, other, column))
        least = Math.min(least, (beforeLast[column - 2] ?? MANY) + 1);
      current[column] = least;
      fewest = Math.min(fewest, least);
    }
    if (fewest > editsMax) return fewest;
    [beforeLast, last, current] = [last, current, beforeLast];
  }
  return last[other.length] ?? MANY;
}

/** Whether the last two of so many characters of one text are those of the other, swapped. */
function isSwap(one: string, length: number, other: string, otherLength: number): boolean {
  return (
    one.charCodeAt(length - 1) === other.charCodeAt(otherLength - 2) &&
    one.charCodeAt(length - 2) === other.charCodeAt(otherLength - 1)
  );
}

/**
 * Finds the name that was probably meant.
 *
 * @returns the candidate with the fewest edits, at most one for each three characters and three in all; `null` when none is
 *   that near
 */
export function nearestName(name: string, candidates: Iterable<string>): string | null {
  if (name.length > COMPARED_CHARACTERS_MAX) return null;
  const meant = name.toLowerCase();
  let nearest: string | null = null;
  let fewest = Math.max(1, Math.min(EDITS_MAX, Math.floor(name.length / 3))) + 1;
  for (const candidate of candidates) {
    if (candidate.length > COMPARED_CHARACTERS_MAX) continue;
    if (Math.abs(name.length - candidate.length) >= fewest) continue;
    const edits = editDistance(meant, candidate.toLowerCase(), fewest - 1);
    if (edits < fewest) [nearest, fewest] = [candidate, edits];
  }
  return nearest;
}

/** The end of a sentence that suggests a name: `; did you mean "test"?`, or nothing. */
export function suggestion(name: string, candidates: Iterable<string>): string {
  const nearest = nearestName(name, candidates);
  return nearest === null ? '' : `; did you mean "${nearest}"?`;
}
