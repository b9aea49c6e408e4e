import { createReadStream, statSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { ArchiveError, corruptArchive } from './archive-error.ts';
import type { Extraction } from './extraction.ts';
import { isFileSystemError } from './local-errors.ts';

/**
 * Unpacks a single gzipped file.
 *
 * @param fileName what the archive is called; the content's name is that without `.gz`
 * @throws {ArchiveError} for what is cut off, wrong, or followed by something else
 */
export async function unpackGzip(archive: string, fileName: string, extraction: Extraction): Promise<void> {
  const gunzip = createGunzip();
  const file = createReadStream(archive);
  file.on('error', (error) => gunzip.destroy(error));
  try {
    await extraction.addFile(nameInside(fileName), false, file.pipe(gunzip));
  } catch (error) {
    throw isFileSystemError(error) ? error : corruptArchive(error);
  }
  if (gunzip.bytesWritten < statSync(archive).size) {
    throw new ArchiveError('corrupt archive: something follows its end');
  }
}

function nameInside(fileName: string): string {
  const name = fileName.replace(/\.gz$/i, '');
  return name === '' ? 'file' : name;
}
