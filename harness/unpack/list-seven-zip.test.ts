import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readListing, type SevenZipEntry } from './list-seven-zip.ts';

/** However it is cut, as pipes cut it. */
function parseListing(listing: string): SevenZipEntry[] {
  const [whole, cut] = [listing.length, 7].map((length) => {
    const entries: SevenZipEntry[] = [];
    const reader = readListing((entry) => entries.push(entry));
    for (let at = 0; at < listing.length; at += length) reader.take(listing.slice(at, at + length));
    reader.end();
    return entries;
  });
  assert.deepEqual(cut, whole);
  return whole ?? [];
}

const block = (path: string, attributes: string, extra = ''): string =>
  `Path = ${path}\nSize = 12\nPacked Size = \nModified = 2026-01-01 00:00:00\nAttributes = ${attributes}\nCRC = \n` +
  `Encrypted = -\nMethod = LZMA2:12\n${extra}Block = 0\n\n`;

test('readListing() tells files, folders, links and others apart, of Unix and of Windows', () => {
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

test('readListing() sees encryption', () => {
  const [entry] = parseListing(block('a', 'A').replace('Encrypted = -', 'Encrypted = +'));
  assert.equal(entry?.isEncrypted, true);
});

test('readListing() refuses a name that would forge other fields', () => {
  assert.throws(() => parseListing(block('a\nPath = b', 'A')), /a name in it cannot be read/);
  assert.throws(() => parseListing(block('a\nfoo', 'A')), /a name in it cannot be read/);
});

test('readListing() stops where its caller has had enough, and at a block without an end', () => {
  const reader = readListing(() => {
    throw new Error('enough');
  });
  assert.throws(() => reader.take(block('a', 'A')), /enough/);
  const endless = readListing(() => undefined);
  assert.throws(() => {
    for (let times = 0; times < 100; times += 1) endless.take('x'.repeat(1_024));
  }, /cannot be read/);
});
