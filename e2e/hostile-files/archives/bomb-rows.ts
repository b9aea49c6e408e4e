import { deflateRawSync, gzipSync } from 'node:zlib';
import { writeZip } from '@orca/harness/testing/write-zip.ts';
import { type ArchiveRow, contained, refused, writeArchive } from './archive-row.ts';
import { gzipOfGzips, gzipOfZeroes, zipOfOneKernel, zipOfQuotes, zipOfZips } from './bombs.ts';
import { DEFLATE, DICTIONARY_1536_MIB, lzma2, writeSevenZip } from './write-seven-zip.ts';
import { paxEntry, writeTar } from './write-tar.ts';

const MIB = 1024 * 1024;
const ENTRIES_MAX = 20_000;
const TOO_MUCH = /^files\.student: archive expands beyond the job's disk/;
const TOO_MANY = /^files\.student: more than 20000 files and folders in archive$/;

const zeroes = { name: 'zeroes', content: Buffer.alloc(64 * MIB) };
const manyEntries = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `f${index}` }));

const countFiles = 'find $EXTRACTED/student -type f | wc -l';

/** PPMd that asks for four gigabytes, as no honest program does. */
const PPMD_4_GIB = {
  id: [0x03, 0x04, 0x01],
  properties: Buffer.from([32, 0xff, 0xff, 0xff, 0xff]),
  pack: (content: Buffer) => content,
};

/** Rows of archives that are larger inside than out, in bytes, entries or memory. */
export const BOMB_ROWS: readonly ArchiveRow[] = [
  refused('B06', 'a zip of zeroes', 'zip', () => writeZip([zeroes]), TOO_MUCH),
  refused('B06', 'a zip of 60 names for one file', 'zip', () => zipOfOneKernel(60, 4), TOO_MUCH),
  refused('B06', "Fifield's zip of overlapping files", 'zip', () => zipOfQuotes(60, 4), TOO_MUCH),
  contained('B06', 'zips in zips, as in 42.zip', 'zip', () => zipOfZips({ layers: 3, width: 16 }), {
    look: 'cd $EXTRACTED/student; ls | wc -l; du -s --apparent-size -k . | cut -f 1',
    sees: /^16\n\d{1,3}$/,
  }),
  refused(
    'B06',
    'a zip that says a file is small',
    'zip',
    () => writeZip([{ ...zeroes, declaredBytes: 10 }]),
    /^files\.student: corrupt archive: /,
  ),
  refused('B08', '10 GiB of zeroes in a gz', 'gz', () => gzipOfZeroes(10 * 1024), TOO_MUCH),
  refused('B08', '64 MiB of zeroes in a tar.gz', 'tar.gz', () => gzipSync(writeTar([zeroes])), TOO_MUCH),
  contained('B08', 'a gz in a gz, ten deep', 'gz', () => gzipOfGzips(10), {
    look: 'stat -c %s $EXTRACTED/student/*',
    sees: /^\d{3}$/,
  }),
  refused(
    'B08',
    'an extended header of 256 MiB in a tar.gz',
    'tar.gz',
    () => gzipSync(writeTar([{ ...paxEntry({}), content: Buffer.alloc(256 * MIB, 'x') }])),
    /^files\.student: corrupt archive: .*header/i,
  ),
  ...(['zip', 'tar.gz', '7z'] as const).map((format) =>
    refused(
      'B09',
      `20,001 empty files in a ${format}`,
      format,
      () => writeArchive(format, manyEntries(ENTRIES_MAX + 1)),
      TOO_MANY,
    ),
  ),
  contained('B09', '20,000 empty files in a zip', 'zip', () => writeZip(manyEntries(ENTRIES_MAX)), {
    look: countFiles,
    sees: String(ENTRIES_MAX),
  }),
  refused(
    'B09',
    '200,000 files in a tar.gz',
    'tar.gz',
    () => gzipSync(writeTar(manyEntries(200_000)), { level: 1 }),
    TOO_MANY,
  ),
  refused('B09', '300,000 files in a 7z', '7z', () => writeArchive('7z', manyEntries(300_000)), TOO_MANY),
  refused('B14', 'a solid 7z of zeroes', '7z', () => writeSevenZip([zeroes], DEFLATE), TOO_MUCH),
  contained(
    'B14',
    'a 7z with a dictionary of 1.5 GiB and little in it',
    '7z',
    () => writeSevenZip([{ name: 'a', content: 'little' }], lzma2(DICTIONARY_1536_MIB)),
    { look: 'cat $EXTRACTED/student/a', sees: 'little' },
  ),
  refused(
    'B14',
    'a 7z whose dictionary fills the memory',
    '7z',
    () =>
      writeSevenZip([{ name: 'a', content: Buffer.alloc(100 * MIB, 'orca') }], lzma2(DICTIONARY_1536_MIB)),
    /^files\.student: archive needs more memory to be unpacked than the job has$/,
    { limits: { memory_mb: 16, disk_mb: 210 } },
  ),
  refused(
    'B14',
    'a 7z that wants 4 GiB of memory',
    '7z',
    () => writeSevenZip([{ name: 'a', content: 'x'.repeat(100) }], PPMD_4_GIB),
    /^files\.student: (corrupt archive: .+|archive needs more memory to be unpacked than the job has)$/,
  ),
  refused(
    'B14',
    'a 7z that says it unpacks to nothing',
    '7z',
    () => writeSevenZip([{ name: 'a', content: 'x' }], { ...DEFLATE, pack: () => deflateRawSync('') }),
    /^files\.student: corrupt archive: /,
  ),
];
