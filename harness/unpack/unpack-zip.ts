import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { type Entry, getFileNameLowLevel, openPromise, type ZipFile } from 'yauzl';
import { ArchiveError, corruptArchive, showName } from './archive-error.ts';
import type { Extraction } from './extraction.ts';
import { isFileSystemError } from './local-errors.ts';
import { PATH_BYTES_MAX } from './safe-path.ts';

const STORED = 0;
const DEFLATED = 8;

// Of `external file attributes`: the upper half is a Unix mode where these made the archive.
const MADE_BY_UNIX = 3;
const MADE_BY_MACOS = 19;
const TYPE_MASK = 0o170000;
const TYPE_SYMLINK = 0o120000;
const TYPE_FOLDER = 0o040000;
const TYPE_FILE = 0o100000;
const ANY_EXECUTE = 0o111;

/**
 * Unpacks a zip archive (a jar too), each entry checked against its checksum.
 *
 * @throws {ArchiveError} for what is unsafe, encrypted, cut off, or not as it says itself
 */
export async function unpackZip(archive: string, extraction: Extraction): Promise<void> {
  // Names are decoded here, so that what is wrong with one is said in our words.
  const zip = await openPromise(archive, { decodeStrings: false, autoClose: false }).catch((error) => {
    throw corruptArchive(error);
  });
  try {
    for await (const entry of zip.eachEntry()) await unpackEntry(zip, entry, extraction);
  } catch (error) {
    throw isFileSystemError(error) ? error : corruptArchive(error);
  } finally {
    zip.close();
  }
}

async function unpackEntry(zip: ZipFile, entry: Entry, extraction: Extraction): Promise<void> {
  // Like other programs, takes the backslashes of old Windows tools for slashes.
  const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
  if (entry.isEncrypted()) throw new ArchiveError('encrypted archives are not supported');
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED) {
    throw new ArchiveError(
      `entry ${showName(name)} in archive is compressed with method ${entry.compressionMethod}, not deflate`,
    );
  }
  const mode = unixMode(entry);
  const type = mode & TYPE_MASK;
  if (type === TYPE_FOLDER || name.endsWith('/')) return extraction.addFolder(name);
  const content = readContent(await zip.openReadStreamPromise(entry), entry, name);
  if (type === TYPE_SYMLINK) return extraction.addSymlink(name, await readTarget(content, name));
  if (type !== TYPE_FILE && type !== 0)
    throw new ArchiveError(`entry ${showName(name)} in archive is no file`);
  await extraction.addFile(name, (mode & ANY_EXECUTE) !== 0, content);
}

function unixMode(entry: Entry): number {
  const madeBy = entry.versionMadeBy >>> 8;
  return madeBy === MADE_BY_UNIX || madeBy === MADE_BY_MACOS ? entry.externalFileAttributes >>> 16 : 0;
}

/** yauzl compares sizes, and leaves checksums to its callers. */
async function* readContent(stream: Readable, entry: Entry, name: string): AsyncGenerator<Buffer> {
  let checksum = 0;
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) continue;
    checksum = crc32(chunk, checksum);
    yield chunk;
  }
  if (checksum !== entry.crc32) {
    throw new ArchiveError(`corrupt archive: the checksum of ${showName(name)} is wrong`);
  }
}

async function readTarget(content: AsyncIterable<Buffer>, name: string): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of content) {
    bytes += part.length;
    if (bytes > PATH_BYTES_MAX) throw new ArchiveError(`unsafe link ${showName(name)} in archive`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
