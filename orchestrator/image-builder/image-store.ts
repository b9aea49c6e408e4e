import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipBlocks } from './gzip-blocks.ts';

/** A saved archive. */
export interface Archive {
  /** Of the file as it lies there, compressed. */
  readonly sha256: Buffer;
  readonly bytes: number;
}

/** Where saved images lie: a file for each, named by its SHA-256. */
export interface ImageStore {
  /**
   * Saves what an engine gives of an image, compressed: whole or not at all.
   *
   * @throws {StoreFullError} when there is no room; nothing is left then
   * @throws the signal's reason when it aborts
   */
  save(image: Readable, signal: AbortSignal): Promise<Archive>;
  /** Whether an archive lies there, whole and undamaged: reads all of it. */
  has(archive: Archive): Promise<boolean>;
  /** So many bytes were too few for the last archive; 0 when there was room. */
  roomWanted(): number;
  /**
   * Removes files that nobody names: archives of images that were pruned, and what a builder left that died.
   *
   * @param isNamed whether an image has the archive with this SHA-256, hexadecimal
   * @returns how many were removed
   */
  sweep(isNamed: (sha256: string) => boolean): Promise<number>;
}

/** No room for an archive, which is no fault of the image's. */
export class StoreFullError extends Error {
  override readonly name = 'StoreFullError';
  /** Of the archive, as far as they were written. */
  readonly bytes: number;

  constructor(bytes: number, cause: unknown) {
    super(`Cannot save an image: the disk of saved images is full after ${bytes} bytes of it`, { cause });
    this.bytes = bytes;
  }
}

/** What the system says when there is no room: no blocks or inodes, no quota. */
const NO_ROOM: readonly string[] = ['ENOSPC', 'EDQUOT'];
const ARCHIVE_NAME = /^([0-9a-f]{64})\.tgz$/;
const PART_SUFFIX = '.part';
/** An archive is named by its image a moment after it was saved. */
const STRAY_MS = 3_600_000;
/** A part is written to all the time until it is whole: one that is left alone is a dead builder's. */
const PART_STRAY_MS = 600_000;
const NAME_BYTES = 12;

/** The file of an archive, in the folder of the store. */
export function archiveFileName(sha256: Buffer): string {
  return `${sha256.toString('hex')}.tgz`;
}

/**
 * Opens a store; makes its folder where it is missing.
 *
 * @throws {Error} that says what to do when it cannot be written to
 */
export async function openImageStore(folder: string): Promise<ImageStore> {
  await assertWritable(folder);
  let roomWanted = 0;
  return {
    async save(image, signal) {
      try {
        const archive = await save(folder, image, signal);
        roomWanted = 0;
        return archive;
      } catch (error) {
        if (error instanceof StoreFullError) roomWanted = error.bytes;
        throw error;
      }
    },
    roomWanted: () => roomWanted,
    has: (archive) => has(folder, archive),
    sweep: (isNamed) => sweep(folder, isNamed),
  };
}

async function assertWritable(folder: string): Promise<void> {
  const probe = join(folder, `${randomBytes(NAME_BYTES).toString('hex')}${PART_SUFFIX}`);
  try {
    await mkdir(folder, { recursive: true });
    await (await open(probe, 'wx', 0o600)).close();
    await rm(probe);
  } catch (cause) {
    throw new Error(
      `Cannot use "${folder}" as ORCA_IMAGE_FOLDER: it cannot be written to; make it, or name another folder`,
      { cause },
    );
  }
}

async function save(folder: string, image: Readable, signal: AbortSignal): Promise<Archive> {
  const part = join(folder, `${randomBytes(NAME_BYTES).toString('hex')}${PART_SUFFIX}`);
  const hash = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  try {
    const file = createWriteStream(part, { flags: 'wx', mode: 0o644, flush: true });
    await pipeline(image, gzipBlocks, measure, file, { signal });
    const archive = { sha256: hash.digest(), bytes };
    await rename(part, join(folder, archiveFileName(archive.sha256)));
    await flushFolder(folder);
    return archive;
  } catch (error) {
    await rm(part, { force: true });
    if (signal.aborted) throw signal.reason;
    throw isNoRoom(error) ? new StoreFullError(bytes, error) : error;
  }
}

function isNoRoom(error: unknown): boolean {
  return error instanceof Error && 'code' in error && NO_ROOM.includes(String(error.code));
}

/** A name is on the disk only when its folder is. */
async function flushFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

/** What cannot be read is no archive: a disk that gives errors is why it has to be built again. */
async function has(folder: string, { sha256, bytes }: Archive): Promise<boolean> {
  const path = join(folder, archiveFileName(sha256));
  try {
    if ((await stat(path)).size !== bytes) return false;
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    return hash.digest().equals(sha256);
  } catch {
    return false;
  }
}

async function sweep(folder: string, isNamed: (sha256: string) => boolean): Promise<number> {
  let removed = 0;
  for (const name of await readdir(folder)) {
    const sha256 = ARCHIVE_NAME.exec(name)?.[1];
    // What is called otherwise was put there by somebody else.
    if (sha256 === undefined && !name.endsWith(PART_SUFFIX)) continue;
    if (sha256 !== undefined && isNamed(sha256)) continue;
    const file = await stat(join(folder, name)).catch(() => null);
    const strayMs = sha256 === undefined ? PART_STRAY_MS : STRAY_MS;
    if (file === null || Date.now() - file.mtimeMs < strayMs) continue;
    await rm(join(folder, name), { force: true });
    removed += 1;
  }
  return removed;
}
