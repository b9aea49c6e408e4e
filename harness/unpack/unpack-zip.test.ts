import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { placeArchive } from '../testing/extract-bytes.ts';
import { writeZip, type ZipEntry } from '../testing/write-zip.ts';
import { ArchiveError } from './archive-error.ts';
import { unpackZip } from './unpack-zip.ts';

const SYMLINK = 0o120777;
const NOT_UTF8 = Buffer.from('bad-\xe9', 'latin1');

async function refusalOf(bytes: Buffer, limits?: { bytes: number; entries: number }): Promise<string> {
  using place = placeArchive(bytes, limits);
  try {
    await unpackZip(place.archive, place.extraction);
  } catch (error) {
    assert.ok(error instanceof ArchiveError, String(error));
    return error.message;
  }
  return assert.fail('it was unpacked');
}

const refusalOfEntry = (entry: ZipEntry): Promise<string> =>
  refusalOf(writeZip([{ name: 'ok', content: 'x' }, entry]));

describe('unpackZip()', () => {
  test('refuses names that are not UTF-8, of files and of what links lead to', async () => {
    for (const entry of [{ name: 'bad-?' }, { name: 'l', content: 'bad-?', mode: SYMLINK, method: 0 }]) {
      // The checksum is that of the bytes that are put in afterwards.
      const bytes = writeZip([{ ...entry, crc: entry.content === undefined ? 0 : crc32(NOT_UTF8) }]);
      for (let at = bytes.indexOf('bad-?'); at >= 0; at = bytes.indexOf('bad-?')) NOT_UTF8.copy(bytes, at);
      assert.equal(await refusalOf(bytes), 'name "bad-\ufffd" in archive is not UTF-8');
    }
  });

  test('unpacks files, folders and links, with modes masked', async () => {
    using place = placeArchive(
      writeZip([
        { name: 'd/', mode: 0o040777 },
        { name: 'd/run', content: 'go', mode: 0o104755 },
        { name: 'deep/er/plain', content: 'ä', method: 0 },
        { name: 'none', content: '', mode: 0 },
        { name: 'link', content: 'd/run', mode: SYMLINK },
        { name: 'win\\dows', content: 'w' },
      ]),
    );
    await unpackZip(place.archive, place.extraction);
    assert.deepEqual(place.tree(), {
      d: '/',
      'd/run': 'go*',
      deep: '/',
      'deep/er': '/',
      'deep/er/plain': 'ä',
      link: '-> d/run',
      none: '',
      win: '/',
      'win/dows': 'w',
    });
  });

  test('takes the later of two versions of a file', async () => {
    using place = placeArchive(
      writeZip([
        { name: 'a', content: 'old and long' },
        { name: 'a', content: 'new' },
      ]),
    );
    await unpackZip(place.archive, place.extraction);
    assert.deepEqual(place.tree(), { a: 'new' });
  });

  test('unpacks an empty archive into nothing', async () => {
    using place = placeArchive(writeZip([]));
    await unpackZip(place.archive, place.extraction);
    assert.deepEqual(place.tree(), {});
  });

  test('refuses paths that lead out, and names them', async () => {
    for (const name of ['../evil', 'a/../../evil', '/etc/x', '..\\evil', 'C:\\x']) {
      assert.match(await refusalOfEntry({ name, content: 'x' }), /^unsafe path ".+" in archive$/, name);
    }
  });

  test('refuses links that lead out, and entries below a link', async () => {
    assert.match(
      await refusalOfEntry({ name: 'l', content: '/etc', mode: SYMLINK }),
      /^unsafe link "l" to "\/etc"/,
    );
    assert.match(await refusalOfEntry({ name: 'l', content: '../..', mode: SYMLINK }), /^unsafe link/);
    const inside: ZipEntry = { name: 'l', content: 'd', mode: SYMLINK };
    assert.match(await refusalOf(writeZip([inside, { name: 'l/x', content: 'x' }])), /^unsafe path "l"/);
  });

  test('refuses devices, pipes and sockets', async () => {
    for (const type of [0o010644, 0o020644, 0o060644, 0o140644]) {
      assert.match(await refusalOfEntry({ name: 'odd', mode: type }), /"odd" in archive is no file/);
    }
  });

  test('refuses encryption and methods that it does not know', async () => {
    assert.equal(await refusalOfEntry({ name: 'e', flags: 1 }), 'encrypted archives are not supported');
    assert.match(await refusalOfEntry({ name: 'b', method: 12 }), /method 12, not deflate/);
  });

  test('refuses a wrong checksum, a wrong size, a cut, a tail, and what is no archive', async () => {
    const good = writeZip([{ name: 'a', content: 'content' }]);
    assert.match(
      await refusalOfEntry({ name: 'a', content: 'x', crc: 1 }),
      /^corrupt archive: the checksum of "a"/,
    );
    assert.match(await refusalOfEntry({ name: 'a', content: 'xyz', declaredBytes: 2 }), /^corrupt archive: /);
    assert.match(await refusalOfEntry({ name: 'a', content: 'xyz', declaredBytes: 4 }), /^corrupt archive: /);
    for (let length = 0; length < good.length; length += 1) {
      assert.match(await refusalOf(good.subarray(0, length)), /^corrupt archive: /, `cut to ${length}`);
    }
    assert.match(await refusalOf(Buffer.concat([good, Buffer.from('tail')])), /^corrupt archive: /);
    assert.match(
      await refusalOf(Buffer.from('no archive at all, but long enough for one')),
      /^corrupt archive: /,
    );
  });

  test('refuses what lies beyond the numbers of Node, also in an archive that is not read at once', async () => {
    const locator = Buffer.alloc(20);
    locator.writeUInt32LE(0x07064b50);
    locator.fill(255, 8, 16);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50);
    const zip64End = Buffer.alloc(56);
    zip64End.writeUInt32LE(0x06064b50);
    zip64End.writeUInt32LE(1, 32);
    zip64End.fill(255, 48, 56);
    const locatorOfThat = Buffer.from(locator);
    for (const size of [0, 2 ** 24 + 1]) {
      const start = Buffer.alloc(size);
      assert.match(
        await refusalOf(Buffer.concat([start, locator, end])),
        /^corrupt archive: unexpected EOF$/,
      );
      locatorOfThat.writeBigUInt64LE(BigInt(size), 8);
      assert.match(
        await refusalOf(Buffer.concat([start, zip64End, locatorOfThat, end])),
        /^corrupt archive: unexpected EOF$/,
      );
    }
  });

  test('stops a bomb at the limit while writing, and one of entries', async () => {
    const bomb = writeZip([{ name: 'big', content: Buffer.alloc(3_000_000) }]);
    assert.match(
      await refusalOf(bomb, { bytes: 2_000_000, entries: 10 }),
      /^archive expands beyond the job's disk/,
    );
    const many = writeZip(Array.from({ length: 11 }, (_, index) => ({ name: `f${index}` })));
    assert.equal(
      await refusalOf(many, { bytes: 100, entries: 10 }),
      'more than 10 files and folders in archive',
    );
    using atLimit = placeArchive(many, { bytes: 100, entries: 11 });
    await unpackZip(atLimit.archive, atLimit.extraction);
  });

  for (const [what, bytes] of [
    ['an entry of the most that is read at once', 1_048_576],
    ['a larger one', 1_048_577],
    ['an archive that is not read at once', 17 * 1_048_576],
  ] as const)
    test(`unpacks ${what}, and refuses it for a byte too few or a wrong checksum`, async () => {
      const big = { name: 'big', content: Buffer.alloc(bytes, 'orca'), method: 0 } as const;
      const small = { name: 'small', content: 'after it' } as const;
      using place = placeArchive(writeZip([big, small]), { bytes: 2 * bytes, entries: 2 });
      await unpackZip(place.archive, place.extraction);
      const { big: written, ...others } = place.tree();
      assert.equal(written, big.content.toString());
      assert.deepEqual(others, { small: 'after it' });
      assert.equal(
        await refusalOf(writeZip([big]), { bytes: bytes - 1, entries: 2 }),
        `archive expands beyond the job's disk of ${Math.floor((bytes - 1) / 1_048_576)} MiB`,
      );
      for (const entry of [big, small])
        assert.match(
          await refusalOf(writeZip([big, { ...entry, name: 'bad', crc: 1 }]), {
            bytes: 3 * bytes,
            entries: 9,
          }),
          /^corrupt archive: the checksum of "bad" is wrong/,
        );
    });

  test('says names without what a terminal would obey', async () => {
    const sentence = await refusalOfEntry({ name: `../\u001b]0;x\u0007${'y'.repeat(200)}` });
    assert.ok(!/[\u0000-\u001f]/.test(sentence) && sentence.length < 200, sentence);
  });
});
