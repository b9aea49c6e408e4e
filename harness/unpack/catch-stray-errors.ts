import { corruptArchive } from './archive-error.ts';
import { isFileSystemError } from './local-errors.ts';

/**
 * Unpacks an archive in a process that does nothing else meanwhile: what a library throws out of a callback, where nobody can
 * catch it, is about that archive, and no death of the process.
 *
 * @returns what `unpack` does
 * @throws {ArchiveError} for what was thrown so; what a file system said, and what `unpack` throws itself, as it is
 */
export async function catchStrayErrors<T>(unpack: () => Promise<T>): Promise<T> {
  const stray = Promise.withResolvers<never>();
  const blame = (error: unknown): void => {
    stray.reject(isFileSystemError(error) ? error : corruptArchive(error));
  };
  process.on('uncaughtException', blame);
  try {
    return await Promise.race([unpack(), stray.promise]);
  } finally {
    process.off('uncaughtException', blame);
  }
}
