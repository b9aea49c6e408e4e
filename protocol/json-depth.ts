/** Deepest nesting of objects and lists in a body. */
export const JSON_DEPTH_MAX = 64;

/**
 * Tells whether a JSON value nests too deep. Not recursive: it is what makes recursion over the value safe.
 *
 * @param depthMax a bare text or number has depth 0, `[]` has 1, `[[]]` has 2
 */
export function nestsDeeperThan(value: unknown, depthMax: number): boolean {
  let level = [value].filter(isContainer);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === depthMax) return true;
    const below: object[] = [];
    for (const container of level) {
      for (const member of Array.isArray(container) ? container : Object.values(container)) {
        if (isContainer(member)) below.push(member);
      }
    }
    level = below;
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
