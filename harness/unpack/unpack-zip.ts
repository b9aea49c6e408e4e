import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { crc32, inflateRawSync } from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, getFileNameLowLevel, type ZipFile } from 'yauzl';
import { ArchiveError, corruptArchive, showName } from './archive-error.ts';
import type { Extraction, Pieces } from './extraction.ts';
import { isFileSystemError } from './local-errors.ts';
import { PATH_BYTES_MAX } from './safe-path.ts';
import { FileReader, MemoryReader } from './zip-readers.ts';

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

const MIB = 1024 * 1024;
const ENTRIES_FEW = 100;
/** The least that Node takes for a piece. */
const INFLATE_BYTES_MIN = 64;
/**
 * What is at most so large is read at once: from a file each entry costs a millisecond, and a jar has hundreds.
 */
const WHOLE_BYTES_MAX = { archive: 16 * MIB, entry: MIB };

/** An archive that is being read. */
interface OpenZip {
  readonly zip: ZipFile;
  /** All of it; `null` where it is large. */
  readonly bytes: Buffer | null;
}

/**
 * Unpacks a zip archive (a jar too), each entry checked against its checksum.
 *
 * @throws {ArchiveError} for what is unsafe, encrypted, cut off, or not as it says itself
 */
export async function unpackZip(archive: string, extraction: Extraction): Promise<void> {
  const open = await openZip(archive).catch((error) => {
    throw isFileSystemError(error) ? error : corruptArchive(error);
  });
  if (open.zip.entryCount > ENTRIES_FEW) (await import('./stop-optimising.ts')).stopOptimising();
  try {
    for await (const entry of open.zip.eachEntry()) await unpackEntry(open, entry, extraction);
  } catch (error) {
    throw isFileSystemError(error) ? error : corruptArchive(error);
  } finally {
    open.zip.close();
  }
}

/** Names are decoded here, so that what is wrong with one is said in our words. */
const OPTIONS = { decodeStrings: false, autoClose: false } as const;

async function openZip(archive: string): Promise<OpenZip> {
  const { size } = statSync(archive);
  if (size > WHOLE_BYTES_MAX.archive) return { zip: await openLarge(archive, size), bytes: null };
  const bytes = readFileSync(archive);
  const zip = await fromRandomAccessReaderPromise(new MemoryReader(bytes), bytes.length, OPTIONS);
  return { zip, bytes };
}

async function openLarge(archive: string, size: number): Promise<ZipFile> {
  const file = openSync(archive, 'r');
  try {
    return await fromRandomAccessReaderPromise(new FileReader(file, size), size, OPTIONS);
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

async function unpackEntry(open: OpenZip, entry: Entry, extraction: Extraction): Promise<void> {
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
  const content = await contentOf(open, entry, name);
  if (type === TYPE_SYMLINK) return extraction.addSymlink(name, await readTarget(content, name));
  if (type !== TYPE_FILE && type !== 0)
    throw new ArchiveError(`entry ${showName(name)} in archive is no file`);
  await extraction.addFile(name, (mode & ANY_EXECUTE) !== 0, content);
}

function unixMode(entry: Entry): number {
  const madeBy = entry.versionMadeBy >>> 8;
  return madeBy === MADE_BY_UNIX || madeBy === MADE_BY_MACOS ? entry.externalFileAttributes >>> 16 : 0;
}

async function contentOf({ zip, bytes }: OpenZip, entry: Entry, name: string): Promise<Pieces> {
  const { compressedSize, uncompressedSize } = entry;
  const isLarge = Math.max(compressedSize, uncompressedSize) > WHOLE_BYTES_MAX.entry;
  if (bytes === null || isLarge) return readContent(await zip.openReadStreamPromise(entry), entry, name);
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  return [inflateWhole(bytes.subarray(fileDataStart, fileDataStart + compressedSize), entry, name)];
}

/** Never more than the entry says itself. */
function inflateWhole(data: Buffer, entry: Entry, name: string): Buffer {
  const { compressionMethod, uncompressedSize } = entry;
  const maxOutputLength = Math.max(1, uncompressedSize);
  // Else each entry gets 16 KiB, however small it is. One byte more shows the end.
  const chunkSize = Math.max(INFLATE_BYTES_MIN, uncompressedSize + 1);
  const content = compressionMethod === STORED ? data : inflateRawSync(data, { maxOutputLength, chunkSize });
  if (content.length !== uncompressedSize)
    throw new ArchiveError(
      `corrupt archive: ${showName(name)} has ${content.length} bytes, and ${uncompressedSize} by what it says`,
    );
  if (crc32(content) !== entry.crc32) throw wrongChecksum(name);
  return content;
}

function wrongChecksum(name: string): ArchiveError {
  return new ArchiveError(`corrupt archive: the checksum of ${showName(name)} is wrong`);
}

/** yauzl compares sizes, and leaves checksums to its callers. */
async function* readContent(stream: Readable, entry: Entry, name: string): AsyncGenerator<Buffer> {
  let checksum = 0;
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) continue;
    checksum = crc32(chunk, checksum);
    yield chunk;
  }
  if (checksum !== entry.crc32) throw wrongChecksum(name);
}

async function readTarget(content: Pieces, name: string): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of content) {
    bytes += part.length;
    if (bytes > PATH_BYTES_MAX) throw new ArchiveError(`unsafe link ${showName(name)} in archive`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
