import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { placeArchive } from '../testing/extract-bytes.ts';
import { unpackGzip } from './unpack-gzip.ts';

describe('unpackGzip()', () => {
  test('unpacks one file, under the name without .gz', async () => {
    for (const [name, inside] of [
      ['a.txt.gz', 'a.txt'],
      ['b.GZ', 'b'],
      ['plain', 'plain'],
      ['.gz', 'file'],
    ] as const) {
      using place = placeArchive(gzipSync('content'));
      await unpackGzip(place.archive, name, place.extraction);
      assert.deepEqual(place.tree(), { [inside]: 'content' });
    }
  });

  test('unpacks several members as one file', async () => {
    using place = placeArchive(Buffer.concat([gzipSync('one '), gzipSync('two')]));
    await unpackGzip(place.archive, 'x.gz', place.extraction);
    assert.deepEqual(place.tree(), { x: 'one two' });
  });

  test('refuses a cut, a wrong checksum, a tail, a bomb, and what is no gzip', async () => {
    const good = gzipSync('content of some length');
    const wrong = Buffer.from(good);
    wrong[wrong.length - 6] = (wrong[wrong.length - 6] ?? 0) ^ 1;
    const bad = [
      good.subarray(0, -3),
      good.subarray(0, 5),
      wrong,
      Buffer.concat([good, Buffer.from('tail')]),
      Buffer.from('hello'),
    ];
    for (const bytes of bad) {
      using place = placeArchive(bytes);
      await assert.rejects(
        unpackGzip(place.archive, 'x.gz', place.extraction),
        /^ArchiveError: corrupt archive: /,
      );
    }
    using bomb = placeArchive(gzipSync(Buffer.alloc(2_000_000)));
    await assert.rejects(unpackGzip(bomb.archive, 'x.gz', bomb.extraction), /expands beyond the job's disk/);
  });
});
