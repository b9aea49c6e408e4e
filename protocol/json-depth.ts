/** Deepest nesting of objects and lists in a body. */
export const JSON_DEPTH_MAX = 64;

/**
 * Tells whether a JSON value nests too deep. Not recursive: it is what makes recursion over the value safe.
 *
 * @param depthMax a bare text or number has depth 0, `[]` has 1, `[[]]` has 2
 */
export function nestsDeeperThan(value: unknown, depthMax: number): boolean {
  const open: { value: unknown; depth: number }[] = [{ value, depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue;
    if (next.depth === depthMax) return true;
    for (const member of Object.values(next.value)) open.push({ value: member, depth: next.depth + 1 });
  }
  return false;
}
