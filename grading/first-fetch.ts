/**
 * Who fetches a URL that nobody has a copy of yet, by URL. Resolves when that is over: with true when those who waited
 * should begin anew, since there is a copy now, or nothing was found out about the URL.
 */
export type FirstFetches = Map<string, Promise<boolean>>;

/** How a file is had; `isKept` tells that there is a copy now. */
export interface Fetching<Copy, T extends { readonly isKept: boolean }> {
  /** Looks for a copy. */
  take(): Promise<Copy | null>;
  /** Asks the server whether the copy is still right, or fetches the file where there is none. */
  load(copy: Copy | null): Promise<T>;
}

/**
 * Sees to it that a file that several jobs need at once is sent once, and then only asked about. While the first fetches
 * it, the others wait; when that leaves no copy, since the server gave nothing to ask by or no file, each fetches for
 * itself. A first one that is stopped leaves its turn to another.
 *
 * @throws what fetching throws, and the signal's reason when it aborts while another fetches
 */
export async function fetchFirst<Copy, T extends { readonly isKept: boolean }>(
  url: string,
  { take, load }: Fetching<Copy, T>,
  firsts: FirstFetches,
  signal: AbortSignal,
): Promise<T> {
  for (let first = firsts.get(url); first !== undefined; first = firsts.get(url))
    if (!(await orAborted(first, signal))) return await load(null);

  // Nothing is awaited before it is set: nobody comes between. Looking for the copy is part of the turn, so that whoever
  // waited finds what was kept.
  const turn = Promise.withResolvers<boolean>();
  firsts.set(url, turn.promise);
  let isWorthALook = true;
  let copy: Copy | null;
  try {
    copy = await take();
    if (copy === null) {
      const loaded = await load(null);
      isWorthALook = loaded.isKept;
      return loaded;
    }
  } finally {
    firsts.delete(url);
    turn.resolve(isWorthALook);
  }
  return await load(copy);
}

async function orAborted(first: Promise<boolean>, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([first, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
