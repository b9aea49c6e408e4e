import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteReader } from './byte-reader.ts';
import { UnexpectedEndError } from './unexpected-end.ts';

test('ByteReader.readExactly() gives portions that do not depend on how the bytes come', async () => {
  const chunk = fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes));
  await fc.assert(
    fc.asyncProperty(fc.array(chunk), fc.array(fc.nat(12)), async (chunks, sizes) => {
      const whole = Buffer.concat(chunks);
      const reader = new ByteReader(Readable.from(chunks));
      let at = 0;
      for (const size of sizes) {
        if (at + size > whole.length) {
          await assert.rejects(reader.readExactly(size), UnexpectedEndError);
          return;
        }
        assert.deepEqual(await reader.readExactly(size), whole.subarray(at, at + size));
        at += size;
      }
    }),
  );
});

test('ByteReader.readSome() never gives more than asked for, and null at the end', async () => {
  const reader = new ByteReader(Readable.from([Buffer.from('abc'), Buffer.alloc(0), Buffer.from('d')]));
  assert.equal(String(await reader.readSome(2)), 'ab');
  assert.equal(String(await reader.readSome(9)), 'c');
  assert.equal(String(await reader.readSome(9)), 'd');
  assert.equal(await reader.readSome(9), null);
});
