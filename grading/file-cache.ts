import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FirstFetches } from './first-fetch.ts';

const FOLDER_MODE = 0o700;

/** How the file of a copy, and the file that describes it, end. */
export const COPY_SUFFIX = '.copy';
export const ENTRY_SUFFIX = '.entry';

// Where a file changed within the same second, Last-Modified does not tell: it must be this much older (RFC 9110, 8.8.2.2).
const LAST_MODIFIED_AGE_MS = 60_000;

/**
 * Files fetched before, by URL. Every use asks the server whether the copy is still right.
 *
 * Several jobs and processes may use one folder: a copy is never written to, an entry is replaced by a rename, and a
 * job takes a hard link of its own, so that sweeping disturbs nobody. An entry counts only within the boot that wrote
 * it: after a power failure the data may be missing although the name is there.
 */
export interface FileCache {
  readonly folder: string;
  readonly bootId: string;
  /** Of this process. */
  readonly firsts: FirstFetches;
}

/** What the server said about a file, to ask by. */
export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** A copy that a job has taken. */
export interface TakenCopy {
  readonly bytes: number;
  /** The request headers that ask whether the copy is still right. */
  readonly conditions: Record<string, string>;
}

/** What the cache knows about one URL. */
export interface CacheEntry extends Validators {
  /** Name of the file with the content. */
  readonly copy: string;
  readonly bytes: number;
  readonly bootId: string;
}

/**
 * Opens a cache in a folder, which is made when it is missing.
 *
 * @returns the cache, or `null` where the system cannot tell one boot from another
 */
export async function openFileCache(folder: string): Promise<FileCache | null> {
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => null);
  if (bootId === null) return null;
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  return { folder, bootId: bootId.trim(), firsts: new Map() };
}

/**
 * Makes the folder of a cache again that somebody has removed: a worker that ended, or who needed the room.
 *
 * @throws {Error} with the system's code: `ENOENT` when what it lies in is missing, since a disk is not mounted perhaps
 */
export async function keepCacheFolder({ folder }: FileCache): Promise<void> {
  try {
    await mkdir(folder, { mode: FOLDER_MODE });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

/**
 * Links the copy of a URL, if there is one, to a path of the job's own.
 *
 * @returns how to ask the server about it; `null` when there is no usable copy
 */
export async function takeCopy(cache: FileCache, url: string, toPath: string): Promise<TakenCopy | null> {
  try {
    const entry = await readEntry(cache, url);
    if (entry === null) return null;
    const copy = join(cache.folder, entry.copy);
    const now = new Date();
    await utimes(copy, now, now);
    await link(copy, toPath);
    if ((await stat(toPath)).size !== entry.bytes) {
      await rm(toPath);
      return null;
    }
    return { bytes: entry.bytes, conditions: conditionsOf(entry) };
  } catch {
    // The cache only saves time: whatever is wrong with it, the file can still be fetched.
    return null;
  }
}

/**
 * Keeps a fetched file for later jobs, if the server gave something to ask by. Never throws, for the same reason.
 *
 * @returns whether it is kept
 */
export async function keepCopy(
  cache: FileCache,
  url: string,
  file: Validators & { readonly path: string; readonly bytes: number },
): Promise<boolean> {
  const validators = usableValidators(file, Date.now());
  if (validators === null) return false;
  const key = keyOf(url);
  const former = await readEntry(cache, url).catch(() => null);
  const name = `${key}.${randomUUID()}${COPY_SUFFIX}`;
  const entry: CacheEntry = { ...validators, copy: name, bytes: file.bytes, bootId: cache.bootId };
  const copy = join(cache.folder, name);
  const unfinished = `${copy}${ENTRY_SUFFIX}`;
  try {
    await link(file.path, copy);
    await writeFile(unfinished, JSON.stringify(entry), { mode: 0o600 });
    await rename(unfinished, join(cache.folder, `${key}${ENTRY_SUFFIX}`));
  } catch {
    // Nothing is promised: the next job fetches it again. But half of it would hold on to room, just when the disk is full.
    await Promise.all([copy, unfinished].map(removeIfThere));
    return false;
  }
  if (former !== null) await removeIfThere(join(cache.folder, former.copy));
  return true;
}

/** What cannot be removed is left to the sweep. */
async function removeIfThere(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

function keyOf(url: string): string {
  return createHash('sha256').update(url).digest('hex');
}

async function readEntry(cache: FileCache, url: string): Promise<CacheEntry | null> {
  const entry = await parseEntry(join(cache.folder, `${keyOf(url)}${ENTRY_SUFFIX}`));
  return entry?.bootId === cache.bootId ? entry : null;
}

/**
 * Reads what describes a copy.
 *
 * @returns `null` when the file holds something else
 * @throws {Error} with the system's code when it cannot be read, a `SyntaxError` when it is no JSON
 */
export async function parseEntry(path: string): Promise<CacheEntry | null> {
  const entry: unknown = JSON.parse(await readFile(path, 'utf8'));
  return isEntry(entry) ? entry : null;
}

function isEntry(value: unknown): value is CacheEntry {
  if (typeof value !== 'object' || value === null) return false;
  const isOf = (name: string, ...types: string[]): boolean => {
    const member: unknown = Reflect.get(value, name);
    return types.includes(member === null ? 'null' : typeof member);
  };
  const hasValidators = isOf('etag', 'string', 'null') && isOf('lastModified', 'string', 'null');
  return hasValidators && isOf('copy', 'string') && isOf('bytes', 'number') && isOf('bootId', 'string');
}

function conditionsOf({ etag, lastModified }: Validators): Record<string, string> {
  if (etag !== null) return { 'if-none-match': etag };
  return lastModified === null ? {} : { 'if-modified-since': lastModified };
}

function usableValidators({ etag, lastModified }: Validators, nowMs: number): Validators | null {
  if (etag !== null) return { etag, lastModified };
  const modifiedMs = lastModified === null ? Number.NaN : Date.parse(lastModified);
  return nowMs - modifiedMs > LAST_MODIFIED_AGE_MS ? { etag, lastModified } : null;
}
