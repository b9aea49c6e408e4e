import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { isMarkedStore } from './store-marker.ts';

/** What was found where an archive should be. */
export type OpenedArchive =
  /** The caller closes the handle. */
  | { kind: 'open'; handle: FileHandle }
  /** `bytes`: the size of what is there instead; `null` when there is nothing. */
  | { kind: 'lost'; bytes: number | null }
  /** The folder is not there, or not the store: nothing can be said about its files. */
  | { kind: 'no_store' };

/**
 * Opens a saved image in the folder that the image builder writes. Nothing is made or changed there.
 *
 * @param folder setting `ORCA_IMAGE_FOLDER`
 * @throws {Error} of the file system, when the file is there and cannot be read
 */
export async function openArchive(
  folder: string,
  archive: { archiveSha256: Buffer; archiveBytes: number },
): Promise<OpenedArchive> {
  const handle = await openIfThere(path.join(folder, `${archive.archiveSha256.toString('hex')}.tgz`));
  if (handle === null)
    return (await isMarkedStore(folder)) ? { kind: 'lost', bytes: null } : { kind: 'no_store' };
  try {
    const found = await handle.stat();
    if (found.isFile() && found.size === archive.archiveBytes) return { kind: 'open', handle };
    await handle.close();
    return { kind: 'lost', bytes: found.size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openIfThere(file: string): Promise<FileHandle | null> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** `ENOTDIR`: a file stands where a folder should. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
