import { ArchiveError } from './archive-error.ts';

/** All of a tar archive comes in blocks of this size. */
export const TAR_BLOCK_BYTES = 512;

/**
 * Cut off between two entries, an archive reads well to its end; but a whole one ends in zeroes.
 *
 * @param bytes of the archive the last ones, or all
 * @throws {ArchiveError}
 */
export function checkTarEnd(bytes: Buffer): void {
  const last = bytes.subarray(-TAR_BLOCK_BYTES);
  if (last.length < TAR_BLOCK_BYTES || last.some((byte) => byte !== 0))
    throw new ArchiveError('corrupt archive: its end is missing');
}
