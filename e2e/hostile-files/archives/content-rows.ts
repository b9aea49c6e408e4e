import { type ArchiveRow, contained } from './archive-row.ts';
import { writeTar } from './write-tar.ts';

const MIB = 1024 * 1024;
const HELLO = () => Buffer.from('hello');

/** What the URL ends in, and what the file is called then. */
const NAMES: readonly (readonly [urlEnd: string, name: string])[] = [
  ['', 'file'],
  ['..', 'file'],
  ['%2e%2e%2f', '.._'],
  ['%2fetc%2fpasswd', '_etc_passwd'],
  ['?name=../../x', 'file'],
  ['a%00b', 'a_b'],
  ['%E2%80%AEgpj.exe', '_gpj.exe'],
  [`${'n'.repeat(300)}.txt`, `${'n'.repeat(196)}.txt`],
];

/** Rows of what files are called and what is in them. */
export const CONTENT_ROWS: readonly ArchiveRow[] = [
  ...NAMES.map(([urlEnd, name]) =>
    contained('B13', `a URL that ends in ${JSON.stringify(urlEnd.slice(0, 20))}`, 'plain', HELLO, {
      urlEnd,
      look: 'ls -A $DOWNLOADED/student $EXTRACTED/student; find $EXTRACTED/student -type f -exec cat {} +',
      sees: `$DOWNLOADED/student:\n${name}\n\n$EXTRACTED/student:\n${name}\nhello`,
    }),
  ),
  contained('B15', 'variables in a binary file', 'plain', () => Buffer.from('\0$BUILD'), {
    urlEnd: 'f',
    replacePaths: true,
    look: 'tr "\\0" N < $EXTRACTED/student/f | grep -c "N.BUILD$"',
    sees: '1',
  }),
  contained(
    'B15',
    'variables in what is no UTF-8',
    'plain',
    () => Buffer.concat([Buffer.from([0xff, 0xc3, 0x28]), Buffer.from('$BUILD')]),
    {
      urlEnd: 'f',
      replacePaths: true,
      look: 'od -An -tx1 -N 3 $EXTRACTED/student/f; tail -c +4 $EXTRACTED/student/f | tr / :',
      sees: ' ff c3 28\n:work:build',
    },
  ),
  contained(
    'B15',
    'variables behind a link',
    'tar',
    () =>
      writeTar([
        { name: 'script', content: 'cd $BUILD', mode: 0o755 },
        { name: 'link', type: '2', linkName: 'script' },
      ]),
    {
      replacePaths: true,
      look: 'cd $EXTRACTED/student; readlink link; stat -c %a script; tr / : < link',
      sees: 'script\n755\ncd :work:build',
    },
  ),
  contained(
    'B15',
    'a variable at the end of 100 MiB',
    'plain',
    () => Buffer.concat([Buffer.alloc(100 * MIB, 'x\n'), Buffer.from('$BUILD')]),
    {
      urlEnd: 'f',
      replacePaths: true,
      limits: { memory_mb: 32, disk_mb: 384 },
      look: 'wc -l < $EXTRACTED/student/f; tail -n 1 $EXTRACTED/student/f | tr / :',
      sees: `${50 * MIB}\n:work:build`,
    },
  ),
];
