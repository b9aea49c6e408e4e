import { crc32, deflateRawSync } from 'node:zlib';

/** A file of an archive. */
export interface ArchiveFile {
  /** Its path in the archive, with slashes. */
  readonly name: string;
  readonly bytes: Buffer;
  /** Such as 0o644. */
  readonly mode: number;
}

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;
const VERSION_NEEDED = 20;
/** Made on Unix: then the upper half of the external attributes is the file's mode. */
const VERSION_MADE = (3 << 8) | VERSION_NEEDED;
const NAME_IS_UTF8 = 1 << 11;
const DEFLATED = 8;
/** 1 January 1980, the first day that the format knows: equal files make equal archives. */
const FIRST_DAY = (1 << 5) | 1;
const REGULAR_FILE = 0o100000;

/**
 * Packs files as a zip archive, as a student's machine does. Small ones: the whole archive is held in memory, and the
 * format's extensions for what is larger than 4 GiB are left out.
 *
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function writeZip(files: readonly ArchiveFile[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const name = Buffer.from(file.name);
    const packed = deflateRawSync(file.bytes);
    // What stands in both headers, from "version needed" to "extra field length".
    const facts = Buffer.alloc(LOCAL_BYTES - 4);
    facts.writeUInt16LE(VERSION_NEEDED, 0);
    facts.writeUInt16LE(NAME_IS_UTF8, 2);
    facts.writeUInt16LE(DEFLATED, 4);
    facts.writeUInt16LE(FIRST_DAY, 8);
    facts.writeUInt32LE(crc32(file.bytes), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(file.bytes.length, 18);
    facts.writeUInt16LE(name.length, 22);
    parts.push(signature(LOCAL_HEADER), facts, name, packed);

    const central = Buffer.alloc(CENTRAL_BYTES);
    central.writeUInt32LE(CENTRAL_HEADER, 0);
    central.writeUInt16LE(VERSION_MADE, 4);
    facts.copy(central, 6);
    central.writeUInt32LE(((REGULAR_FILE | file.mode) << 16) >>> 0, 38);
    central.writeUInt32LE(offset, 42);
    directory.push(central, name);
    offset += LOCAL_BYTES + name.length + packed.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(END_OF_DIRECTORY, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, entries, end]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
