import { writeZip } from '@orca/harness/testing/write-zip.ts';
import { ARCHIVES, type ArchiveRow, contained, refused, writeArchive } from './archive-row.ts';
import { paxEntry, writeTar, writeTarGz } from './write-tar.ts';

/** In every path that an archive would write to if it could: nothing on this machine may have it in its name. */
export const MARK = 'orca-evil-file';

const FIFO = 0o010644;
const CHARACTER_DEVICE = 0o020644;
const FOLDER = 0o040000;
const BLOCK_DEVICE = 0o060644;
const FILE = 0o100000;
const SYMLINK = 0o120777;
const SOCKET = 0o140644;

const UNSAFE_PATH = /^files\.student: unsafe path ".+" in archive$/;
const UNSAFE_LINK =
  /^files\.student: (unsafe link ".+" to ".+" in archive|unsafe path ".+" in archive|corrupt archive: .+)/;

const OUTWARDS = [`../${MARK}`, `a/../../${MARK}`, `..\\${MARK}`, `../../../../../../../tmp/${MARK}`];
const ABSOLUTE = [`/tmp/${MARK}`, `C:\\${MARK}`, `//srv/${MARK}`];

const good = { name: 'good.txt', content: 'good' };

/** A row for each; what is in a tar.gz takes the same way as what is in a tar. */
function inAllFormats(row: (format: 'zip' | 'tar' | '7z') => ArchiveRow[]): ArchiveRow[] {
  return (['zip', 'tar', '7z'] as const).flatMap(row);
}

const paths = (id: string, names: readonly string[]): ArchiveRow[] =>
  inAllFormats((format) =>
    names.map((name) =>
      refused(
        id,
        `the path ${JSON.stringify(name)} in a ${format}`,
        format,
        () => writeArchive(format, [good, { name, content: 'evil' }]),
        UNSAFE_PATH,
      ),
    ),
  );

const links = inAllFormats((format) =>
  [
    { what: 'a link to /etc/passwd', entries: [{ name: 'l', content: '/etc/passwd', mode: SYMLINK }] },
    { what: 'a link that leads out', entries: [{ name: 'l', content: '../../x', mode: SYMLINK }] },
    {
      what: 'a file below a link',
      entries: [
        { name: 'd/x', content: 'x' },
        { name: 'l', content: 'd', mode: SYMLINK },
        { name: `l/${MARK}`, content: 'evil' },
      ],
    },
  ].map(({ what, entries }) =>
    refused(
      'B01',
      `${what} in a ${format}`,
      format,
      () => writeArchive(format, [good, ...entries]),
      UNSAFE_LINK,
    ),
  ),
);

const tarLinks: ArchiveRow[] = [
  refused(
    'B01',
    'a hard link to a file of the image',
    'tar',
    () => writeTar([{ name: 'l', type: '1', linkName: '/etc/passwd' }]),
    UNSAFE_LINK,
  ),
  refused(
    'B01',
    'a path that leads out in an extended header',
    'tar',
    () => writeTar([paxEntry({ path: `../${MARK}` }), good]),
    UNSAFE_PATH,
  ),
  refused(
    'B01',
    "a path that leads out in GNU tar's header of long names",
    'tar',
    () => writeTar([{ name: '././@LongLink', type: 'L', content: `../${MARK}\0` }, good]),
    UNSAFE_PATH,
  ),
  refused(
    'B01',
    'a link that leads out in an extended header',
    'tar.gz',
    () => writeTarGz([paxEntry({ linkpath: '../../x' }), { name: 'l', type: '2', linkName: 'good.txt' }]),
    UNSAFE_LINK,
  ),
];

const NO_FILE = /^files\.student: entry "odd" in archive is (no file|neither a file nor a folder)$/;
const devices = inAllFormats((format) =>
  Object.entries({
    ...{ 'a pipe': FIFO, 'a character device': CHARACTER_DEVICE, 'a block device': BLOCK_DEVICE },
    // tar has no sockets.
    ...(format === 'tar' ? {} : { 'a socket': SOCKET }),
  }).map(([what, mode]) =>
    refused(
      'B04',
      `${what} in a ${format}`,
      format,
      () => writeArchive(format, [good, { name: 'odd', mode }]),
      NO_FILE,
    ),
  ),
);

const modes = ARCHIVES.map((format) =>
  contained(
    'B05',
    `setuid, setgid, sticky, no rights, all rights in a ${format}`,
    format,
    () =>
      writeArchive(format, [
        { name: 'closed', content: 'x', mode: FILE },
        { name: 'd', mode: FOLDER | 0o1777 },
        { name: 'locked', mode: FOLDER },
        { name: 'locked/in', content: 'x', mode: FILE | 0o666 },
        { name: 'setgid', content: 'x', mode: FILE | 0o2755 },
        { name: 'setuid', content: 'x', mode: FILE | 0o4755 },
      ]),
    {
      look: 'cd $EXTRACTED/student; find . -mindepth 1 -printf "%P %m %U:%G\\n" | sort',
      sees: [...['closed 644', 'd 755', 'locked 755', 'locked/in 644', 'setgid 755', 'setuid 755']]
        .map((line) => `${line} 1000:1000`)
        .join('\n'),
    },
  ),
);

/** Within what a path may be by itself, and not with the folder in front that it is unpacked into. */
const ALMOST_TOO_LONG = Array(16).fill('n'.repeat(255)).join('/');
const TOO_LONG_HERE =
  /^files\.student: (a path or a link in archive is too long, or leads nowhere|corrupt archive: .+)$/;
const almostTooLong: ArchiveRow[] = [
  refused(
    'B09',
    'a path of 4,095 bytes in a zip',
    'zip',
    () => writeZip([good, { name: ALMOST_TOO_LONG }]),
    TOO_LONG_HERE,
  ),
  refused(
    'B09',
    'a path of 4,095 bytes in a tar',
    'tar',
    () => writeTar([paxEntry({ path: ALMOST_TOO_LONG }), { name: 'short' }]),
    TOO_LONG_HERE,
  ),
  refused(
    'B09',
    'a path of 4,095 bytes in a 7z',
    '7z',
    () => writeArchive('7z', [good, { name: ALMOST_TOO_LONG, content: 'x' }]),
    TOO_LONG_HERE,
  ),
  refused(
    'B09',
    'a link to a path of 5,000 bytes in a tar',
    'tar',
    () => writeTar([paxEntry({ linkpath: 'l'.repeat(5_000) }), { name: 'l', type: '2', linkName: 'short' }]),
    TOO_LONG_HERE,
  ),
];

const LONG_NAME = 'n'.repeat(256);
const LONG_PATH = Array(2_500).fill('p').join('/');
const DEEP = Array(33).fill('d').join('/');
const named = (name: string) => [
  refused('B09', `a ${describe(name)} in a zip`, 'zip', () => writeZip([good, { name }]), TOO_LONG),
  refused(
    'B09',
    `a ${describe(name)} in a tar`,
    'tar',
    () => writeTar([paxEntry({ path: name }), { name: 'short' }]),
    TOO_LONG,
  ),
  refused(
    'B09',
    `a ${describe(name)} in a 7z`,
    '7z',
    () => writeArchive('7z', [good, { name, content: 'x' }]),
    TOO_LONG,
  ),
];
const TOO_LONG =
  /^files\.student: (name in path|path) "[^"]+" in archive is (longer than (255|4096) bytes|deeper than 32 folders)$/;

function describe(name: string): string {
  return `path of ${name.length} characters and ${name.split('/').length} names`;
}

/** Rows of paths, links, kinds and modes. */
export const PATH_ROWS: readonly ArchiveRow[] = [
  ...paths('B01', OUTWARDS),
  ...paths('B02', ABSOLUTE),
  ...links,
  ...tarLinks,
  ...devices,
  ...modes,
  ...[LONG_NAME, LONG_PATH, DEEP].flatMap(named),
  ...almostTooLong,
];
