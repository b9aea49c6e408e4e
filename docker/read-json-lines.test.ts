import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { readJsonLines } from './read-json-lines.ts';

const read = (...chunks: Buffer[]): Promise<unknown[]> =>
  Array.fromAsync(readJsonLines(Readable.from(chunks)));

test('readJsonLines() reads values however they are cut, in the middle of a character too', async () => {
  const wire = Buffer.from('{"a":"ä"}\r\n\n{"b":2}');
  for (let at = 0; at <= wire.length; at += 1) {
    assert.deepEqual(await read(wire.subarray(0, at), wire.subarray(at)), [{ a: 'ä' }, { b: 2 }]);
  }
});

test('readJsonLines() refuses what is no JSON, and a line without an end', async () => {
  await assert.rejects(read(Buffer.from('{"a":\n')), { code: 'engine_answer_invalid' });
  await assert.rejects(read(Buffer.alloc(2 * 1024 * 1024, 'x')), { code: 'engine_answer_invalid' });
});
