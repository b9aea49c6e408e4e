import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { placeArchive } from '../testing/extract-bytes.ts';
import { ArchiveError } from './archive-error.ts';
import { unpackTar } from './unpack-tar.ts';

type Entry = Partial<Header> & { name: string; content?: string | Buffer };

async function writeTar(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content = '', ...header } of entries) archive.entry(header, Buffer.from(content));
  archive.finalize();
  return buffer(archive);
}

async function refusalOf(
  bytes: Buffer,
  limits?: { bytes: number; entries: number },
  gzip = false,
): Promise<string> {
  using place = placeArchive(bytes, limits);
  try {
    await unpackTar(place.archive, gzip ? 'gzip' : 'none', place.extraction);
  } catch (error) {
    assert.ok(error instanceof ArchiveError, String(error));
    return error.message;
  }
  return assert.fail('it was unpacked');
}

describe('unpackTar()', () => {
  test('takes a file that is packed twice, the second time as a hard link to itself, as tar does', async () => {
    using place = placeArchive(
      await writeTar([
        { name: 'src/main.c', content: 'int main;' },
        { name: './src/main.c', type: 'link', linkname: 'src/main.c' },
      ]),
    );
    await unpackTar(place.archive, 'none', place.extraction);
    assert.deepEqual(place.tree(), { src: '/', 'src/main.c': 'int main;' });
  });

  test('unpacks files, folders, links and hard links, plain and gzipped, with modes masked', async () => {
    const bytes = await writeTar([
      { name: './', type: 'directory' },
      { name: './d/', type: 'directory', mode: 0o777 },
      { name: './d/run', mode: 0o6755, content: 'go' },
      { name: `long/${'n'.repeat(150)}`, mode: 0o600, content: 'long' },
      { name: 'same', type: 'link', linkname: './d/run' },
      { name: 'd/soft', type: 'symlink', linkname: '../same' },
    ]);
    for (const [compression, archive] of [
      ['none', bytes],
      ['gzip', gzipSync(bytes)],
    ] as const) {
      using place = placeArchive(archive);
      await unpackTar(place.archive, compression, place.extraction);
      assert.deepEqual(place.tree(), {
        d: '/',
        'd/run': 'go*',
        'd/soft': '-> ../same',
        long: '/',
        [`long/${'n'.repeat(150)}`]: 'long',
        same: 'go*',
      });
    }
  });

  test('refuses names that are not UTF-8, of files, links and their targets', async () => {
    for (const entry of [
      { name: 'bad-?', content: 'x' },
      { name: 'l', type: 'symlink', linkname: 'bad-?' },
      { name: 'h', type: 'link', linkname: 'bad-?' },
    ] satisfies Entry[]) {
      const bytes = await writeTar([entry]);
      bytes[bytes.indexOf('bad-?') + 'bad-'.length] = 0xe9;
      const sum = bytes
        .fill(' ', 148, 156)
        .subarray(0, 512)
        .reduce((total, byte) => total + byte, 0);
      bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
      assert.equal(await refusalOf(bytes), 'name "bad-\ufffd" in archive is not UTF-8');
    }
  });

  test('lets the later of two versions count, and leaves what shares the earlier one alone', async () => {
    using place = placeArchive(
      await writeTar([
        { name: 'a', content: 'old' },
        { name: 'b', type: 'link', linkname: 'a' },
        { name: 'l', type: 'symlink', linkname: 'b' },
        { name: 'l', type: 'symlink', linkname: 'a' },
        { name: 'a', content: 'new' },
        { name: 'm', type: 'symlink', linkname: 'b' },
        { name: 'm', content: 'no link any more' },
      ]),
    );
    await unpackTar(place.archive, 'none', place.extraction);
    assert.deepEqual(place.tree(), { a: 'new', b: 'old', l: '-> a', m: 'no link any more' });
  });

  test('refuses paths and links that lead out', async () => {
    for (const name of ['../evil', '/etc/x', 'a/../../b', '..\\x']) {
      assert.match(await refusalOf(await writeTar([{ name, content: 'x' }])), /^unsafe path/, name);
    }
    for (const type of ['symlink', 'link'] as const) {
      const leading = await writeTar([{ name: 'l', type, linkname: '../../etc/passwd' }]);
      assert.match(await refusalOf(leading), /^unsafe (link|path)/);
    }
    const missing = await writeTar([{ name: 'l', type: 'link', linkname: 'nothing' }]);
    assert.match(await refusalOf(missing), /^unsafe link "l" to "nothing"/);
    const through = await writeTar([
      { name: 'l', type: 'symlink', linkname: 'd' },
      { name: 'l/x', content: 'x' },
    ]);
    assert.match(await refusalOf(through), /^unsafe path "l"/);
  });

  test('refuses devices and pipes', async () => {
    for (const type of ['character-device', 'block-device', 'fifo'] as const) {
      assert.match(await refusalOf(await writeTar([{ name: 'odd', type }])), /"odd" in archive is neither/);
    }
  });

  test('refuses sparse files, negative sizes and wrong checksums', async () => {
    const sparse = await writeTar([{ name: 's', content: 'x', pax: { 'GNU.sparse.major': '1' } }]);
    assert.match(await refusalOf(sparse), /"s" in archive is a sparse file/);
    const wrong = await writeTar([{ name: 'a', content: 'x' }]);
    wrong[0] = 0x62;
    assert.match(await refusalOf(wrong), /^corrupt archive: /);
    const negative = await writeTar([{ name: 'a', content: 'x', size: 1 }]);
    negative.fill(0xff, 124, 136);
    negative.write(checksumOf(negative), 148);
    assert.match(await refusalOf(negative), /^corrupt archive: /);
    const empty = await writeTar([{ name: 'a' }, { name: 'b', content: 'x' }]);
    empty.fill(0xff, 124, 136);
    empty.write(checksumOf(empty), 148);
    assert.equal(await refusalOf(empty), 'corrupt archive: the size of "a" is negative');
  });

  test('refuses an archive that is cut anywhere, and what is not in the declared format', async () => {
    const whole = await writeTar([
      { name: 'a', content: 'x'.repeat(600) },
      { name: 'b', content: 'y' },
    ]);
    // From the end on, two blocks of zeroes: one of them is enough.
    for (let length = 0; length < whole.length - 512; length += 256) {
      assert.match(await refusalOf(whole.subarray(0, length)), /^corrupt archive: /, `cut to ${length}`);
    }
    const zipped = gzipSync(whole);
    assert.match(await refusalOf(zipped.subarray(0, -9), undefined, true), /^corrupt archive: /);
    assert.match(await refusalOf(zipped), /^corrupt archive: /);
    assert.match(await refusalOf(whole, undefined, true), /^corrupt archive: /);
    zipped[zipped.length - 6] = (zipped[zipped.length - 6] ?? 0) ^ 1;
    assert.match(await refusalOf(zipped, undefined, true), /^corrupt archive: /);
  });

  test('stops a gzipped bomb at the limit while writing', async () => {
    const bomb = gzipSync(await writeTar([{ name: 'zeroes', content: Buffer.alloc(5_000_000) }]));
    const sentence = await refusalOf(bomb, { bytes: 1_000_000, entries: 5 }, true);
    assert.match(sentence, /^archive expands beyond the job's disk/);
  });

  for (const [what, bytes] of [
    ['an archive that is read at once', 1_048_576],
    ['an archive that is not', 17 * 1_048_576],
  ] as const)
    test(`unpacks ${what}, plain and gzipped, and refuses it for a byte too few or without its end`, async () => {
      const big = { name: 'big', content: Buffer.alloc(bytes, 'orca') };
      const plain = await writeTar([big, { name: 'small', content: 'after it' }]);
      for (const [compression, pack] of [
        ['none', (archive: Buffer) => archive],
        ['gzip', (archive: Buffer) => gzipSync(archive, { level: 1 })],
      ] as const) {
        using place = placeArchive(pack(plain), { bytes: 2 * bytes, entries: 2 });
        await unpackTar(place.archive, compression, place.extraction);
        const { big: written, ...others } = place.tree();
        assert.equal(written, big.content.toString());
        assert.deepEqual(others, { small: 'after it' });
        const isGzip = compression === 'gzip';
        assert.equal(
          await refusalOf(pack(plain), { bytes: bytes - 1, entries: 2 }, isGzip),
          `archive expands beyond the job's disk of ${Math.floor((bytes - 1) / 1_048_576)} MiB`,
        );
        assert.equal(
          await refusalOf(pack(plain.subarray(0, -1024)), { bytes: 2 * bytes, entries: 2 }, isGzip),
          'corrupt archive: its end is missing',
        );
      }
    });
});

/** The sum of a header's bytes, its own field taken for spaces. */
function checksumOf(header: Buffer): string {
  let sum = 0;
  for (let at = 0; at < 512; at += 1) sum += at >= 148 && at < 156 ? 0x20 : (header[at] ?? 0);
  return `${sum.toString(8).padStart(6, '0')}\0 `;
}
