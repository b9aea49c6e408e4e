import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { demultiplex } from './demultiplex.ts';

function frame(stream: 1 | 2, bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

test('demultiplex() gives each stream its bytes in order, however the connection cuts them', async () => {
  const output = fc.array(fc.tuple(fc.constantFrom<1 | 2>(1, 2), fc.uint8Array({ maxLength: 20 })), {
    maxLength: 10,
  });
  await fc.assert(
    fc.asyncProperty(output, fc.integer({ min: 1, max: 30 }), async (frames, chunkBytes) => {
      const wire = Buffer.concat(frames.map(([stream, bytes]) => frame(stream, bytes)));
      const chunks = Array.from({ length: Math.ceil(wire.length / chunkBytes) }, (_, index) =>
        wire.subarray(index * chunkBytes, (index + 1) * chunkBytes),
      );
      const got = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
      for await (const { stream, bytes } of demultiplex(Readable.from(chunks))) {
        got[stream] = Buffer.concat([got[stream], bytes]);
      }
      const sent = (wanted: 1 | 2): Buffer =>
        Buffer.concat(frames.filter(([stream]) => stream === wanted).map(([, bytes]) => bytes));
      assert.deepEqual(got.stdout, sent(1));
      assert.deepEqual(got.stderr, sent(2));
    }),
  );
});
