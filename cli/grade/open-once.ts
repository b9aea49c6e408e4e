/**
 * Makes a function that opens something at its first call and hands out that one ever after. When it cannot be opened, the
 * next call tries again: what was in the way may be gone by then.
 */
export function openOnce<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | null = null;
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = null;
      throw error;
    });
    return opened;
  };
}
