/**
 * The first items of what may be long or costly to walk to its end. (Iterators' own `take` is not in ES2024, the library
 * that we compile against.)
 *
 * @returns at most `most` items
 */
export function takeFirst<T>(items: Iterable<T>, most: number): T[] {
  const taken: T[] = [];
  if (most < 1) return taken;
  for (const item of items) {
    taken.push(item);
    if (taken.length >= most) break;
  }
  return taken;
}
