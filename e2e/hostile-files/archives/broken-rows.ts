import { gzipSync } from 'node:zlib';
import { writeZip } from '@orca/harness/testing/write-zip.ts';
import { ARCHIVES, type ArchiveRow, type Format, refused, writeArchive } from './archive-row.ts';
import { ENCRYPTED, writeSevenZip } from './write-seven-zip.ts';
import { paxEntry, writeTar } from './write-tar.ts';

const CORRUPT = /^files\.student: corrupt archive: ./;
const NO_ENCRYPTION = /^files\.student: encrypted archives are not supported$/;
const SPARSE =
  /^files\.student: entry "s" in archive is (a sparse file, which is not supported|neither a file nor a folder)$/;

const entries = [
  { name: 'a.txt', content: 'a'.repeat(2_000) },
  { name: 'b.txt', content: 'b'.repeat(2_000) },
];
const good = (format: (typeof ARCHIVES)[number]): Buffer => writeArchive(format, entries);
const gz = (): Buffer => gzipSync('content of some length');
const TAR_BLOCK = 512;

/** Of `a.txt`, made with `xz` and `bzip2`. */
const TAR_XZ =
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4Cf/AGtdADCLiofEDvKXpPh1PcWp7dmXqh7QogOkQOAhrbG/LyY/itsew5EiUPFO1QOnwjJvWczyUrBtT2dQtWBs9E4/INqSW/qNHZeXq7UTPTQC7/kUWUfecc3Q84J26TIwbkgHlPG6KlNTVlgy0WMAAAAsVmCc5SQ+LQABhwGAUAAAhkFlfLHEZ/sCAAAAAARZWg==';
const TAR_BZ2 =
  'QlpoOTFBWSZTWSEScMkAAHN7hMkQAEDAAX+AAAhgYJ5AAACACCAAdBoptMpoaGjIG1BJEmQAA00CnzXM6EEqgEjIka52RMGSQOpuQo84RBcoA3CQPaswdgsbNFVEBXl/Nx6KN3dHN7vpiREB+LuSKcKEgQiThkg=';
const base64 = (text: string) => (): Buffer => Buffer.from(text, 'base64');
/** As much as tells a format, and nothing behind it. */
const magic =
  (bytes: string, offset = 0) =>
  (): Buffer =>
    Buffer.concat([Buffer.alloc(offset), Buffer.from(bytes, 'latin1'), Buffer.alloc(4_096)]);

/** The last byte of a checksum, or of what it is about, changed. */
function flip(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  const index = at < 0 ? bytes.length + at : at;
  changed[index] = (changed[index] ?? 0) ^ 0xff;
  return changed;
}

const cuts: ArchiveRow[] = ARCHIVES.flatMap((format) => [
  refused('B11', `a ${format} cut in the middle`, format, () => half(good(format)), CORRUPT),
  refused('B11', `a ${format} cut near its end`, format, () => good(format).subarray(0, -1_025), CORRUPT),
  refused('B11', `an empty ${format}`, format, () => Buffer.alloc(0), CORRUPT),
]);

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length / 2);
}

/** What is declared as one format, and is another: nothing else is tried. */
const disguises: ArchiveRow[] = (
  [
    ['a zip', 'tar', () => good('zip')],
    ['a tar', 'zip', () => good('tar')],
    ['a tar', 'tar.gz', () => good('tar')],
    ['a zip', '7z', () => good('zip')],
    ['an xz', '7z', base64(TAR_XZ)],
    ['an xz', 'tar.gz', base64(TAR_XZ)],
    ['a bz2', 'tar.gz', base64(TAR_BZ2)],
    ['a bz2', 'gz', base64(TAR_BZ2)],
    ['a RAR', '7z', magic('Rar!\x1a\x07\x01\x00')],
    ['a CAB', '7z', magic('MSCF\x00\x00\x00\x00')],
    ['an ISO', '7z', magic('\x01CD001\x01', 32_768)],
  ] satisfies [string, Format, () => Buffer][]
).map(([what, format, bytes]) =>
  refused(
    what.endsWith('bz2') || what.endsWith('xz') ? 'B08' : 'B14',
    `${what} declared as a ${format}`,
    format,
    bytes,
    CORRUPT,
  ),
);

/** A header's size field in the binary form, all ones: minus one. */
const MINUS_ONE = Buffer.alloc(12, 0xff);

const tars: ArchiveRow[] = [
  refused('B11', 'a tar with a wrong checksum', 'tar', () => flip(good('tar'), 0), CORRUPT),
  refused('B11', 'a tar without its end', 'tar', () => good('tar').subarray(0, -2 * TAR_BLOCK), CORRUPT),
  refused(
    'B11',
    'a tar with something behind its end',
    'tar',
    () => Buffer.concat([good('tar'), Buffer.from('trailing')]),
    CORRUPT,
  ),
  refused('B11', 'a sparse file of GNU tar', 'tar', () => writeTar([{ name: 's', type: 'S' }]), SPARSE),
  refused(
    'B11',
    'a sparse file by extended header',
    'tar',
    () => writeTar([paxEntry({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0' }), { name: 's' }]),
    SPARSE,
  ),
  refused(
    'B11',
    'an extended header that makes a file of 1 GiB of it',
    'tar',
    () => writeTar([paxEntry({ size: String(2 ** 30) }), ...entries]),
    CORRUPT,
  ),
  refused(
    'B11',
    'an extended header that says 1 GiB of itself',
    'tar',
    () => writeTar([{ ...paxEntry({ path: 'x' }), size: 2 ** 30 }, ...entries]),
    CORRUPT,
  ),
  refused(
    'B11',
    'NUL in a path of an extended header',
    'tar',
    () => writeTar([paxEntry({ path: 'a\0b' }), ...entries]),
    /^files\.student: (unsafe path|corrupt archive)/,
  ),
  refused(
    'B11',
    'a negative size',
    'tar',
    () => writeTar([{ name: 'n', size: MINUS_ONE }, ...entries]),
    CORRUPT,
  ),
  refused(
    'B11',
    'a negative size in an extended header',
    'tar',
    () => writeTar([paxEntry({ size: '-1' }), ...entries]),
    CORRUPT,
  ),
  refused('B11', 'a tar.gz with a wrong checksum', 'tar.gz', () => flip(good('tar.gz'), -5), CORRUPT),
  refused(
    'B11',
    'a tar.gz with something behind its end',
    'tar.gz',
    () => Buffer.concat([good('tar.gz'), Buffer.from('trailing')]),
    CORRUPT,
  ),
];

const zips: ArchiveRow[] = [
  refused(
    'B11',
    'a zip with a wrong checksum',
    'zip',
    () => writeZip([...entries, { name: 'c', content: 'c', crc: 1 }]),
    CORRUPT,
  ),
  refused(
    'B11',
    'a zip with something behind its end',
    'zip',
    () => Buffer.concat([good('zip'), Buffer.from('trailing')]),
    CORRUPT,
  ),
  refused(
    'B11',
    'an encrypted zip',
    'zip',
    () => writeZip([...entries, { name: 'e', flags: 1 }]),
    NO_ENCRYPTION,
  ),
  refused(
    'B11',
    'a zip compressed by another method',
    'zip',
    () => writeZip([...entries, { name: 'e', method: 12 }]),
    /^files\.student: entry "e" in archive is compressed with method 12, not deflate$/,
  ),
  refused('B11', 'a zip of several volumes', 'zip', () => onDiskTwo(good('zip')), CORRUPT),
];

const END_OF_DIRECTORY_BYTES = 22;

/** The zip's last record says that it stands on the second disk. */
function onDiskTwo(zip: Buffer): Buffer {
  const changed = Buffer.from(zip);
  changed.writeUInt16LE(1, zip.length - END_OF_DIRECTORY_BYTES + 4);
  changed.writeUInt16LE(1, zip.length - END_OF_DIRECTORY_BYTES + 6);
  return changed;
}

const sevenZips: ArchiveRow[] = [
  refused(
    'B11',
    'a 7z with a wrong checksum',
    '7z',
    () => writeSevenZip([...entries, { name: 'c', content: 'c', crc: 1 }]),
    CORRUPT,
  ),
  refused(
    'B11',
    'a 7z with something behind its end',
    '7z',
    () => Buffer.concat([good('7z'), Buffer.from('trailing')]),
    CORRUPT,
  ),
  refused('B11', 'the first volume of a 7z', '7z', () => good('7z').subarray(0, 3_000), CORRUPT),
  refused('B11', 'an encrypted 7z', '7z', () => writeSevenZip(entries, ENCRYPTED), NO_ENCRYPTION),
  refused(
    'B11',
    'a 7z whose list of files is encrypted',
    '7z',
    () => writeSevenZip(entries, ENCRYPTED, { isHeaderEncrypted: true }),
    NO_ENCRYPTION,
  ),
];

const gzips: ArchiveRow[] = [
  refused('B11', 'a gz cut in the middle', 'gz', () => half(gz()), CORRUPT),
  refused('B11', 'an empty gz', 'gz', () => Buffer.alloc(0), CORRUPT),
  refused('B11', 'a gz with a wrong checksum', 'gz', () => flip(gz(), -5), CORRUPT),
  refused(
    'B11',
    'a gz with something behind its end',
    'gz',
    () => Buffer.concat([gz(), Buffer.from('trailing')]),
    CORRUPT,
  ),
];

/** Rows of archives that are cut, wrong, or not what they are declared as: never half unpacked. */
export const BROKEN_ROWS: readonly ArchiveRow[] = [
  ...cuts,
  ...disguises,
  ...tars,
  ...zips,
  ...sevenZips,
  ...gzips,
];
