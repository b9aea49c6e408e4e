import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keepOutput } from './keep-output.ts';

function keep(
  chunks: readonly Buffer[],
  headBytes: number,
  tailBytes: number,
): { head: Buffer; tail: Buffer; total: number } {
  const heads: Buffer[] = [];
  const kept = keepOutput({ headBytes, tailBytes }, (bytes) => heads.push(Buffer.from(bytes)));
  for (const chunk of chunks) kept.add(chunk);
  return { head: Buffer.concat(heads), tail: kept.tail(), total: kept.totalBytes };
}

test('keepOutput() keeps the first and the last bytes, however they come', () => {
  const chunk = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(
      fc.array(chunk, { maxLength: 12 }),
      fc.nat(20),
      fc.integer({ min: 1, max: 20 }),
      (chunks, headBytes, tailBytes) => {
        const whole = Buffer.concat(chunks);
        const { head, tail, total } = keep(chunks, headBytes, tailBytes);
        assert.deepEqual(head, whole.subarray(0, headBytes));
        assert.deepEqual(tail, whole.subarray(headBytes).subarray(-tailBytes));
        assert.equal(total, whole.length);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('keepOutput() hands on the beginning as it comes, not at the end', () => {
  const heads: string[] = [];
  const kept = keepOutput({ headBytes: 3, tailBytes: 3 }, (bytes) => heads.push(String(bytes)));
  kept.add(Buffer.from('ab'));
  assert.deepEqual(heads, ['ab']);
  kept.add(Buffer.from('cd'));
  assert.deepEqual(heads, ['ab', 'c']);
});
