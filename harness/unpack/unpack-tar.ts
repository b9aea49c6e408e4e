import { readFileSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Extract, extract } from 'tar-stream';
import { ArchiveError, corruptArchive, showName } from './archive-error.ts';
import type { Extraction } from './extraction.ts';
import { hasErrorCode, isFileSystemError } from './local-errors.ts';
import { checkTarEnd } from './tar-end.ts';

/** What is at most so large, packed and unpacked, is read at once: loading Node's streams takes longer than reading it. */
const WHOLE_BYTES_MAX = 16 * 1024 * 1024;
const ANY_EXECUTE = 0o111;

// Version 7's headers have no magic number, but a checksum like all others.
const EXTRACT_OPTIONS = { allowUnknownFormat: true, highWaterMark: 64 * 1024 };

/**
 * Unpacks a tar archive, plain or gzipped, as it is declared: nothing else is tried.
 *
 * @throws {ArchiveError} for what is unsafe, cut off, or neither file, folder nor link
 */
export async function unpackTar(
  archive: string,
  compression: 'none' | 'gzip',
  extraction: Extraction,
): Promise<void> {
  const entries = extract(EXTRACT_OPTIONS);
  const feeding = feed(archive, compression, entries);
  // Its error comes out of the loop as well, or is the loop's own.
  feeding.catch(() => undefined);
  try {
    for await (const entry of entries) {
      await unpackEntry(entry, extraction);
      entry.resume();
    }
    await feeding;
  } catch (error) {
    throw isFileSystemError(error) ? error : corruptArchive(error);
  }
}

async function feed(archive: string, compression: 'none' | 'gzip', entries: Extract): Promise<void> {
  try {
    const bytes = readWhole(archive, compression);
    if (bytes === null) return await (await import('./feed-tar.ts')).feedTar(archive, compression, entries);
    checkTarEnd(bytes);
    entries.end(bytes);
  } catch (error) {
    entries.destroy(error instanceof Error ? error : undefined);
    throw error;
  }
}

/** @returns `null` for an archive that is large, or whose content is */
function readWhole(archive: string, compression: 'none' | 'gzip'): Buffer | null {
  if (statSync(archive).size > WHOLE_BYTES_MAX) return null;
  const bytes = readFileSync(archive);
  if (compression === 'none') return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: WHOLE_BYTES_MAX });
  } catch (error) {
    if (hasErrorCode(error, 'ERR_BUFFER_TOO_LARGE')) return null;
    throw error;
  }
}

/** What is looked at of an entry; its type may be any, whatever the published types say. */
interface TarEntry extends AsyncIterable<unknown> {
  readonly header: {
    readonly name: string;
    readonly type?: string | null | undefined;
    readonly linkname?: string | null | undefined;
    readonly mode?: number | undefined;
    readonly size?: number | undefined;
    readonly pax?: unknown;
  };
}

async function unpackEntry(entry: TarEntry, extraction: Extraction): Promise<void> {
  const { name, type, linkname, mode, size, pax } = entry.header;
  // What tar-stream makes of minus one in binary; it refuses all other negative sizes itself.
  if (Object.is(size, -0))
    throw new ArchiveError(`corrupt archive: the size of ${showName(name)} is negative`);
  if (Object.keys(Object(pax)).some((key) => key.startsWith('GNU.sparse'))) {
    throw new ArchiveError(`entry ${showName(name)} in archive is a sparse file, which is not supported`);
  }
  switch (type) {
    case 'directory':
      return extraction.addFolder(name);
    case 'file':
    case 'contiguous-file':
      return extraction.addFile(name, ((mode ?? 0) & ANY_EXECUTE) !== 0, contentOf(entry));
    case 'symlink':
      return extraction.addSymlink(name, linkname ?? '');
    case 'link':
      return extraction.addHardLink(name, linkname ?? '');
    default:
      // Devices, pipes, sparse files, volumes: whatever else there is has no place in a submission.
      throw new ArchiveError(`entry ${showName(name)} in archive is neither a file nor a folder`);
  }
}

async function* contentOf(entry: TarEntry): AsyncGenerator<Buffer> {
  for await (const chunk of entry) if (Buffer.isBuffer(chunk)) yield chunk;
}
