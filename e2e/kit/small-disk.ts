import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const BLOCK_BYTES = 64 * 1024;

/** A disk on which there is room for little. */
export interface SmallDisk extends AsyncDisposable {
  readonly folder: string;
  /** Takes all that is free but so many MiB. */
  fill(leaveMib?: number): Promise<void>;
  /** Gives back what `fill` took. */
  empty(): void;
  /** Makes it larger. */
  grow(sizeMib: number): Promise<void>;
}

/** Mounts one, in memory. */
export async function mountSmallDisk(sizeMib: number): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'orca-small-disk-'));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMib}m`, 'tmpfs', folder]);
  const filler = join(folder, 'filler');
  return {
    folder,
    async fill(leaveMib = 0) {
      await using file = await open(filler, 'a', 0o600);
      const block = Buffer.alloc(BLOCK_BYTES);
      try {
        while ((await freeBytes(folder)) > leaveMib * MIB) await file.appendFile(block);
      } catch (error) {
        if (!isNoRoom(error)) throw error;
      }
    },
    async grow(largerMib) {
      await run('mount', ['-o', `remount,size=${largerMib}m`, folder]);
    },
    empty: () => rmSync(filler, { force: true }),
    async [Symbol.asyncDispose]() {
      await run('umount', ['--lazy', folder]);
      await rm(folder, { recursive: true });
    },
  };
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function isNoRoom(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOSPC';
}
