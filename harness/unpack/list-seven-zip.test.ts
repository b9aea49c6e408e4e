import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseListing } from './list-seven-zip.ts';

const block = (path: string, attributes: string, extra = ''): string =>
  `Path = ${path}\nSize = 12\nPacked Size = \nModified = 2026-01-01 00:00:00\nAttributes = ${attributes}\nCRC = \n` +
  `Encrypted = -\nMethod = LZMA2:12\n${extra}Block = 0\n\n`;

test('parseListing() tells files, folders, links and others apart, of Unix and of Windows', () => {
  const listing = [
    block('d', 'D drwxr-xr-x'),
    block('d/f g', 'A -rwxr-xr-x'),
    block('l', 'A lrwxrwxrwx'),
    block('p', 'A prw-r--r--'),
    block('win', 'A'),
    block('windir', 'D'),
  ].join('');
  assert.deepEqual(
    parseListing(listing).map(({ path, kind }) => [path, kind]),
    [
      ['d', 'folder'],
      ['d/f g', 'file'],
      ['l', 'link'],
      ['p', 'other'],
      ['win', 'file'],
      ['windir', 'folder'],
    ],
  );
  assert.equal(parseListing(listing)[0]?.bytes, 12);
});

test('parseListing() sees encryption', () => {
  const [entry] = parseListing(block('a', 'A').replace('Encrypted = -', 'Encrypted = +'));
  assert.equal(entry?.isEncrypted, true);
});

test('parseListing() refuses a name that would forge other fields', () => {
  assert.throws(() => parseListing(block('a\nPath = b', 'A')), /a name in it cannot be read/);
  assert.throws(() => parseListing(block('a\nfoo', 'A')), /a name in it cannot be read/);
});
