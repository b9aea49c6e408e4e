/** The numbers that a version begins with: `20.10.24+dfsg1` → 20, 10, 24. */
function numbersOf(version: string): number[] {
  return (/\d+(\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number);
}

/** Whether a version is another one or newer, by the numbers that it begins with; those that are missing are 0. */
export function isAtLeast(version: string, least: string): boolean {
  const ours = numbersOf(version);
  const theirs = numbersOf(least);
  for (let index = 0; index < Math.max(ours.length, theirs.length); index += 1) {
    const difference = (ours[index] ?? 0) - (theirs[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
