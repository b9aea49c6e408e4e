import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { COPY_SUFFIX, ENTRY_SUFFIX, type FileCache, keepCacheFolder, parseEntry } from './file-cache.ts';

/** Most bytes that a cache keeps when it is swept. */
export const CACHE_BYTES_MAX = 1024 * 1024 * 1024;

// What is just being stored has no entry yet, or is one; after this time a crash left it.
const UNFINISHED_AGE_MS = 10 * 60_000;

interface CachedFile {
  readonly path: string;
  readonly bytes: number;
  readonly usedAtMs: number;
}

/**
 * Removes what crashes left, and the copies used longest ago, down to a number of bytes. Safe beside jobs that use the
 * cache, and beside another sweep.
 *
 * @returns the number of bytes of the copies that stay
 * @throws {Error} with the system's code when the folder cannot be read, or made where it is missing
 */
export async function sweepFileCache(cache: FileCache, bytesMax: number = CACHE_BYTES_MAX): Promise<number> {
  await keepCacheFolder(cache);
  const names = await readdir(cache.folder);
  const entryOfCopy = await mapCopiesToEntries(cache, names);
  const copies: (CachedFile & { entry: string })[] = [];
  for (const name of names) {
    const file = await describe(join(cache.folder, name));
    const entry = entryOfCopy.get(name);
    if (file === null) continue;
    if (entry !== undefined) copies.push({ ...file, entry });
    else if (isLeftOver(name, file)) await rm(file.path, { force: true });
  }
  return await keepNewest(copies, bytesMax);
}

async function keepNewest(
  copies: readonly (CachedFile & { entry: string })[],
  bytesMax: number,
): Promise<number> {
  let bytes = 0;
  for (const copy of copies.toSorted((one, other) => other.usedAtMs - one.usedAtMs)) {
    if (bytes + copy.bytes <= bytesMax) {
      bytes += copy.bytes;
      continue;
    }
    // The entry first: without it nobody looks for the copy.
    await rm(copy.entry, { force: true });
    await rm(copy.path, { force: true });
  }
  return bytes;
}

/** File name of each copy that an entry of this boot names → path of the entry. */
async function mapCopiesToEntries(cache: FileCache, names: readonly string[]): Promise<Map<string, string>> {
  const entryOfCopy = new Map<string, string>();
  for (const name of names.filter((candidate) => isFinishedEntry(candidate))) {
    const path = join(cache.folder, name);
    const entry = await parseEntry(path).catch(() => null);
    if (entry?.bootId === cache.bootId) entryOfCopy.set(entry.copy, path);
  }
  return entryOfCopy;
}

function isFinishedEntry(name: string): boolean {
  return name.endsWith(ENTRY_SUFFIX) && !name.endsWith(COPY_SUFFIX + ENTRY_SUFFIX);
}

function isLeftOver(name: string, file: CachedFile): boolean {
  return !isFinishedEntry(name) && Date.now() - file.usedAtMs > UNFINISHED_AGE_MS;
}

async function describe(path: string): Promise<CachedFile | null> {
  // A file may go while the folder is read: another job replaced its copy.
  const facts = await stat(path).catch(() => null);
  return facts === null ? null : { path, bytes: facts.size, usedAtMs: facts.mtimeMs };
}
