import { constants, crc32, createDeflateRaw, deflateRawSync, gzipSync } from 'node:zlib';
import { writeZip } from '@orca/harness/testing/write-zip.ts';

const MIB = 1024 * 1024;

/**
 * A gzipped file of zeroes. The compressed zeroes are compressed once and written many times over, so that one of ten
 * gigabytes takes as long to make as one of 64 MiB; its checksum, which nobody should get to, is none.
 */
export async function gzipOfZeroes(mib: number): Promise<Buffer> {
  const pieceMib = 64;
  const piece = await deflatedPiece(Buffer.alloc(pieceMib * MIB));
  const pieces = Array<Buffer>(mib / pieceMib).fill(piece);
  const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
  return Buffer.concat([header, ...pieces, deflateRawSync(Buffer.alloc(0)), Buffer.alloc(8)]);
}

/** Deflated to the end of a block and a byte, so that anything deflated may follow. */
async function deflatedPiece(content: Buffer): Promise<Buffer> {
  const deflate = createDeflateRaw({ level: constants.Z_BEST_COMPRESSION });
  const parts: Buffer[] = [];
  deflate.on('data', (part: Buffer) => parts.push(part));
  deflate.write(content);
  await new Promise<void>((resolve) => deflate.flush(constants.Z_FULL_FLUSH, resolve));
  deflate.destroy();
  return Buffer.concat(parts);
}

/** Zips in zips, as 42.zip is made: harmless to whoever unpacks the outermost only. */
export function zipOfZips({ layers, width }: { layers: number; width: number }): Buffer {
  let inner = writeZip([{ name: '0.dll', content: Buffer.alloc(64 * MIB) }]);
  for (let layer = 0; layer < layers; layer += 1) {
    const content = inner;
    inner = writeZip(Array.from({ length: width }, (_, index) => ({ name: `lib ${index}.zip`, content })));
  }
  return inner;
}

/** A gzipped file of gzipped files. */
export function gzipOfGzips(depth: number): Buffer {
  let inner: Buffer = gzipSync(Buffer.alloc(64 * MIB));
  for (let layer = 1; layer < depth; layer += 1) inner = gzipSync(inner);
  return inner;
}

/** A zip in whose directory many names lead to one and the same compressed file. */
export function zipOfOneKernel(names: number, kernelMib: number): Buffer {
  const whole = writeZip([{ name: 'kernel', content: Buffer.alloc(kernelMib * MIB) }]);
  const { local, directory } = splitZip(whole);
  return joinZip(local, Array<Buffer>(names).fill(directory));
}

/**
 * Fifield's "better zip bomb" of overlapping files: each one's compressed data begins with a stored block that quotes
 * the next one's header, and goes on with that one's data. Names, sizes and checksums are all right.
 *
 * @see https://www.bamsoftware.com/hacks/zipbomb/
 */
export function zipOfQuotes(files: number, kernelMib: number): Buffer {
  const kernel = Buffer.alloc(kernelMib * MIB);
  const headers: Buffer[] = [];
  const directory: Buffer[] = [];
  let data: Buffer = deflateRawSync(kernel);
  for (let file = files - 1; file >= 0; file -= 1) {
    const quoted = Buffer.concat(headers);
    const name = String(file).padStart(4, '0');
    const checksum = crc32(kernel, crc32(quoted));
    const sizes = { packed: data.length, bytes: quoted.length + kernel.length, checksum };
    const header = localHeader(name, sizes);
    directory.unshift(directoryEntry(name, sizes, file * (header.length + STORED_HEAD)));
    headers.unshift(header);
    data = Buffer.concat([storedHead(header.length), header, data]);
  }
  return joinZip(data.subarray(STORED_HEAD), directory);
}

const STORED_HEAD = 5;

function storedHead(length: number): Buffer {
  const head = Buffer.alloc(STORED_HEAD);
  head.writeUInt16LE(length, 1);
  head.writeUInt16LE(length ^ 0xffff, 3);
  return head;
}

interface Sizes {
  readonly packed: number;
  readonly bytes: number;
  readonly checksum: number;
}

/** Header fields from `version needed` to `extra field length`, the same in both places. */
function commonFields(name: string, { packed, bytes, checksum }: Sizes): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(8, 4);
  fields.writeUInt32LE(checksum, 10);
  fields.writeUInt32LE(packed, 14);
  fields.writeUInt32LE(bytes, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}

function localHeader(name: string, sizes: Sizes): Buffer {
  return Buffer.concat([Buffer.from('PK\x03\x04'), commonFields(name, sizes), Buffer.from(name)]);
}

function directoryEntry(name: string, sizes: Sizes, offset: number): Buffer {
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE(offset, 10);
  const head = Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.alloc(2)]);
  return Buffer.concat([head, commonFields(name, sizes), tail, Buffer.from(name)]);
}

const END_BYTES = 22;

/** @returns what stands before a zip's directory, and the directory */
function splitZip(zip: Buffer): { local: Buffer; directory: Buffer } {
  const start = zip.readUInt32LE(zip.length - END_BYTES + 16);
  return { local: zip.subarray(0, start), directory: zip.subarray(start, zip.length - END_BYTES) };
}

function joinZip(local: Buffer, entries: readonly Buffer[]): Buffer {
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(END_BYTES);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, directory, end]);
}
