import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of a 7z archive, as wrong as a test wants it. */
export interface SevenZipEntry {
  readonly name: string;
  readonly content?: string | Buffer;
  /** A Unix mode with its type, such as 0o100755. */
  readonly mode?: number;
  readonly crc?: number;
}

/** How the content is packed, whether it is or not. */
export interface Coder {
  readonly id: readonly number[];
  readonly properties?: Buffer;
  readonly pack: (content: Buffer) => Buffer;
}

const COPY: Coder = { id: [0x00], pack: (content) => content };

/** Deflate: a bomb needs a compressor that this machine has. */
export const DEFLATE: Coder = { id: [0x04, 0x01, 0x08], pack: deflateRawSync };

/** AES: nobody can say without the password whether it is. */
export const ENCRYPTED: Coder = {
  id: [0x06, 0xf1, 0x07, 0x01],
  properties: Buffer.concat([Buffer.from([0x53, 0x07]), Buffer.alloc(8, 1)]),
  pack: (content) => Buffer.alloc(Math.ceil(content.length / 16) * 16, 7),
};

/** LZMA2 of chunks that are not compressed; the dictionary is as large as the archive says, up to 4 GiB. */
export function lzma2(dictionary: number): Coder {
  return { id: [0x21], properties: Buffer.from([dictionary]), pack: storeInChunks };
}

/** 1.5 GiB, as `7z a -md=1536m` writes it. */
export const DICTIONARY_1536_MIB = 37;

const CHUNK_BYTES = 65_536;

function storeInChunks(content: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < content.length; at += CHUNK_BYTES) {
    const chunk = content.subarray(at, at + CHUNK_BYTES);
    const head = Buffer.from([at === 0 ? 1 : 2, (chunk.length - 1) >> 8, (chunk.length - 1) & 0xff]);
    chunks.push(head, chunk);
  }
  return Buffer.concat([...chunks, Buffer.from([0])]);
}

const ID = {
  ...{ end: 0, header: 1, mainStreams: 4, files: 5, packInfo: 6, unpackInfo: 7, subStreams: 8, size: 9 },
  ...{ crc: 10, folder: 11, codersUnpackSize: 12, numUnpackStream: 13, emptyStream: 14, emptyFile: 15 },
  ...{ names: 17, attributes: 21, encodedHeader: 23 },
} as const;

const UNIX_EXTENSION = 0x8000;
const WINDOWS_FOLDER = 0x10;
const FOLDER_TYPE = 0o040000;
const SIGNATURE = Buffer.from([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4]);

/** Writes a 7z archive byte by byte, all contents in one solid block; the header is packed like them where it is said. */
export function writeSevenZip(
  entries: readonly SevenZipEntry[],
  coder: Coder = COPY,
  { isHeaderEncrypted = false } = {},
): Buffer {
  const full = entries.filter((entry) => contentOf(entry).length > 0);
  const content = Buffer.concat(full.map(contentOf));
  const packed = full.length === 0 ? Buffer.alloc(0) : coder.pack(content);
  const streams =
    full.length === 0 ? [] : [bytes(ID.mainStreams), streamsInfo(full, { coder, packed, at: 0 })];
  const header = Buffer.concat([bytes(ID.header), ...streams, filesInfo(entries), bytes(ID.end)]);
  if (!isHeaderEncrypted) return joinArchive(packed, header);
  const hidden = coder.pack(header);
  const info = streamsInfo([{ name: '', content: header }], { coder, packed: hidden, at: packed.length });
  return joinArchive(Buffer.concat([packed, hidden]), Buffer.concat([bytes(ID.encodedHeader), info]));
}

function joinArchive(packed: Buffer, header: Buffer): Buffer {
  const start = Buffer.alloc(20);
  start.writeBigUInt64LE(BigInt(packed.length), 0);
  start.writeBigUInt64LE(BigInt(header.length), 8);
  start.writeUInt32LE(crc32(header), 16);
  return Buffer.concat([SIGNATURE, uint32(crc32(start)), start, packed, header]);
}

function streamsInfo(
  full: readonly SevenZipEntry[],
  { coder: { id, properties }, packed, at }: { coder: Coder; packed: Buffer; at: number },
): Buffer {
  const sizes = full.map((entry) => contentOf(entry).length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const coder = [bytes(id.length | (properties ? 0x20 : 0), ...id)];
  if (properties) coder.push(number(properties.length), properties);
  return Buffer.concat([
    ...[bytes(ID.packInfo), number(at), number(1), bytes(ID.size), number(packed.length)],
    ...[bytes(ID.end, ID.unpackInfo, ID.folder), number(1), bytes(0), number(1), ...coder],
    ...[bytes(ID.codersUnpackSize), number(total), bytes(ID.end)],
    ...[bytes(ID.subStreams, ID.numUnpackStream), number(full.length)],
    // The last one's size is what is left.
    ...(full.length > 1 ? [bytes(ID.size), ...sizes.slice(0, -1).map(number)] : []),
    ...[bytes(ID.crc, 1), ...full.map((entry) => uint32(entry.crc ?? crc32(contentOf(entry))))],
    bytes(ID.end, ID.end),
  ]);
}

function filesInfo(entries: readonly SevenZipEntry[]): Buffer {
  const isEmpty = entries.map((entry) => contentOf(entry).length === 0);
  const isFile = entries.filter((_, index) => isEmpty[index]).map((entry) => !isFolder(entry));
  const names = entries.map(({ name }) => Buffer.from(`${name}\0`, 'utf16le'));
  const parts = [bytes(ID.files), number(entries.length)];
  if (isEmpty.includes(true)) parts.push(property(ID.emptyStream, bits(isEmpty)));
  if (isFile.includes(true)) parts.push(property(ID.emptyFile, bits(isFile)));
  parts.push(property(ID.names, Buffer.concat([bytes(0), ...names])));
  parts.push(property(ID.attributes, Buffer.concat([bytes(1, 0), ...entries.map(attributesOf)])));
  return Buffer.concat([...parts, bytes(ID.end)]);
}

function contentOf({ content = '' }: SevenZipEntry): Buffer {
  return Buffer.from(content);
}

function isFolder({ mode = 0 }: SevenZipEntry): boolean {
  return (mode & 0o170000) === FOLDER_TYPE;
}

function attributesOf(entry: SevenZipEntry): Buffer {
  const unix = ((entry.mode ?? 0o100644) << 16) >>> 0;
  return uint32((unix | UNIX_EXTENSION | (isFolder(entry) ? WINDOWS_FOLDER : 0)) >>> 0);
}

function property(id: number, value: Buffer): Buffer {
  return Buffer.concat([bytes(id), number(value.length), value]);
}

function bits(flags: readonly boolean[]): Buffer {
  const packed = Buffer.alloc(Math.ceil(flags.length / 8));
  flags.forEach((flag, index) => {
    if (flag) packed[index >> 3] = (packed[index >> 3] ?? 0) | (0x80 >> (index & 7));
  });
  return packed;
}

/** A number as the format has it: how many more bytes follow stands in the first one's leading ones. */
function number(value: number): Buffer {
  if (value < 0x80) return bytes(value);
  if (value < 0x4000) return bytes(0x80 | (value >> 8), value & 0xff);
  return Buffer.concat([bytes(0xf0), uint32(value)]);
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value >>> 0);
  return buffer;
}

function bytes(...values: number[]): Buffer {
  return Buffer.from(values);
}
