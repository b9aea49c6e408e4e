/** What is taken in order, however it was put in. */
export interface Heap<T> {
  readonly size: number;
  push(item: T): void;
  /** The first one, which stays. */
  peek(): T | null;
  /** Takes the first one out. */
  pop(): T | null;
}

/**
 * Makes a binary heap: `push` and `pop` in logarithmic time.
 *
 * @param isBefore whether one comes before another; for a fixed order of service, never true both ways
 */
export function createHeap<T>(isBefore: (one: T, other: T) => boolean): Heap<T> {
  const items: T[] = [];
  const rise = (item: T): void => {
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent];
      if (above === undefined || !isBefore(item, above)) break;
      items[at] = above;
      at = parent;
    }
    items[at] = item;
  };
  const sink = (item: T): void => {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const one = items[left];
      const other = items[right];
      const isRight = one !== undefined && other !== undefined && isBefore(other, one);
      const below = isRight ? other : one;
      if (below === undefined || !isBefore(below, item)) break;
      items[at] = below;
      at = isRight ? right : left;
    }
    items[at] = item;
  };
  return {
    get size() {
      return items.length;
    },
    push: rise,
    peek: () => items[0] ?? null,
    pop() {
      const first = items[0];
      const last = items.pop();
      if (first === undefined || last === undefined) return null;
      if (items.length > 0) sink(last);
      return first;
    },
  };
}
