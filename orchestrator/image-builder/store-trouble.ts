import { randomBytes } from 'node:crypto';
import { readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMarkedStore, markStore, STORE_MARKER, STORE_NOT_MOUNTED } from '../store-marker.ts';
import type { Trouble } from './ability.ts';

const MIB = 1024 * 1024;
/** So much is written to see whether anything can be: a quota, or no more inodes, does not show in the free bytes. */
const PROBE_BYTES = 64 * 1024;
const NAME_BYTES = 12;

/**
 * Looks whether a folder is the store, and is there to be written to; marks one that is used for the first time.
 *
 * @param room.bytesMin with less than so much free there is no room
 * @param archives how many archives the database knows of: none, and an empty folder is a new store
 * @returns what is wrong with it
 * @throws {Error} with the system's code when nothing can be written there
 */
export async function findStoreTrouble(
  folder: string,
  room: { readonly bytesMin: number },
  archives: () => Promise<number>,
): Promise<Trouble | null> {
  if (!(await isMarkedStore(folder))) {
    const isNew = (await hasArchives(folder)) || (await archives()) === 0;
    if (!isNew)
      return {
        trouble: STORE_NOT_MOUNTED,
        detail: `Mount it. Where the archives are gone for good, make the file "${join(folder, STORE_MARKER)}": each image is built again when a job needs it`,
      };
    await markStore(folder);
  }
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free < room.bytesMin)
    return {
      trouble: 'the disk of saved images is full',
      detail: `${Math.floor(free / MIB)} MiB are free in "${folder}", ${Math.ceil(room.bytesMin / MIB)} are needed`,
    };
  await writeProbe(folder);
  return null;
}

/** Those of an Orca that left no marker yet. */
async function hasArchives(folder: string): Promise<boolean> {
  return (await readdir(folder)).some((name) => name.endsWith('.tgz'));
}

async function writeProbe(folder: string): Promise<void> {
  // Named as an archive under way, so that one that is left over goes like those.
  const probe = join(folder, `${randomBytes(NAME_BYTES).toString('hex')}.part`);
  try {
    await writeFile(probe, Buffer.alloc(PROBE_BYTES), { mode: 0o600 });
  } finally {
    await rm(probe, { force: true });
  }
}
