import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { COPY_SUFFIX, ENTRY_SUFFIX, type FileCache, keepCacheFolder, parseEntry } from './file-cache.ts';

/** Most that a cache keeps when it is swept. */
export interface CacheLimits {
  /** With 0, since room is needed, copies that no entry names yet go as well. */
  readonly bytesMax: number;
  /** A sweep looks at each of them: small files would make it slow long before they are many bytes. */
  readonly copiesMax: number;
}

/** What a cache keeps as a rule. */
export const CACHE_LIMITS: CacheLimits = { bytesMax: 1024 * 1024 * 1024, copiesMax: 20_000 };

// What is just being stored has no entry yet, or is one whose copy was not listed yet; after this time a crash left it. On a
// full disk nobody waits that long: at worst a copy goes that is being stored, and its entry names nothing. Then the file is
// fetched again. The job that stored it keeps its file, by a link of its own.
const UNFINISHED_AGE_MS = 10 * 60_000;

interface FoundFile {
  readonly path: string;
  readonly bytes: number;
  readonly usedAtMs: number;
}

/** With the path of the entry that names it. */
type Copy = FoundFile & { readonly entry: string };

/**
 * Removes what crashes and earlier boots left, and the copies used longest ago, down to the limits. Safe beside jobs that
 * use the cache, and beside another sweep.
 *
 * @returns the number of bytes of the copies that stay
 * @throws {Error} with the system's code when the folder cannot be read, or made where it is missing
 */
export async function sweepFileCache(cache: FileCache, limits: CacheLimits = CACHE_LIMITS): Promise<number> {
  await keepCacheFolder(cache);
  const names = await readdir(cache.folder);
  const entryOfCopy = await mapCopiesToEntries(cache, names);
  const usedEntries = new Set(names.map((name) => entryOfCopy.get(name)));
  const copies: Copy[] = [];
  for (const name of names) {
    const file = await describe(join(cache.folder, name));
    const entry = entryOfCopy.get(name);
    if (file === null) continue;
    if (entry !== undefined) copies.push({ ...file, entry });
    else if (!usedEntries.has(file.path) && isLeft(file, limits)) await rm(file.path, { force: true });
  }
  return await keepNewest(copies, limits);
}

async function keepNewest(copies: readonly Copy[], { bytesMax, copiesMax }: CacheLimits): Promise<number> {
  let bytes = 0;
  let kept = 0;
  for (const copy of copies.toSorted((one, other) => other.usedAtMs - one.usedAtMs)) {
    if (kept < copiesMax && bytes + copy.bytes <= bytesMax) {
      kept += 1;
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

/** Whether a file that belongs to no copy in use may go. */
function isLeft(file: FoundFile, { bytesMax }: CacheLimits): boolean {
  if (bytesMax === 0 && file.path.endsWith(COPY_SUFFIX)) return true;
  return Date.now() - file.usedAtMs > UNFINISHED_AGE_MS;
}

async function describe(path: string): Promise<FoundFile | null> {
  // A file may go while the folder is read: another job replaced its copy.
  const facts = await stat(path).catch(() => null);
  return facts === null ? null : { path, bytes: facts.size, usedAtMs: facts.mtimeMs };
}
