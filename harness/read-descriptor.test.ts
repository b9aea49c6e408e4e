import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeFrame, FRAME } from '@orca/protocol/sandbox-plan';
import { readDescriptor } from './read-descriptor.ts';
import { UnexpectedEndError } from './unexpected-end.ts';

/** A descriptor that holds these bytes. */
function open(bytes: Buffer): Disposable & { fd: number } {
  const folder = mkdtempSync(join(tmpdir(), 'orca-descriptor-test-'));
  const path = join(folder, 'bytes');
  writeFileSync(path, bytes);
  const fd = openSync(path, 'r');
  return {
    fd,
    [Symbol.dispose]() {
      closeSync(fd);
      rmSync(folder, { recursive: true });
    },
  };
}

test('readDescriptor() reads frames one after another, and no byte more than it is asked for', () => {
  const large = Buffer.alloc(600_001, 'abc');
  using file = open(
    Buffer.concat([encodeFrame(FRAME.plan, Buffer.from('plan')), encodeFrame(FRAME.file, large)]),
  );
  const reader = readDescriptor(file.fd);
  assert.deepEqual(reader.readFrameHeader(), { type: FRAME.plan, length: 4 });
  assert.equal(reader.readExactly(4).toString(), 'plan');
  assert.deepEqual(reader.readFrameHeader(), { type: FRAME.file, length: large.length });
  const pieces = Array.from(reader.readThrough(large.length - 1), (piece) => Buffer.from(piece));
  assert.ok(pieces.length > 1, 'a large file is not held whole');
  assert.equal(reader.readExactly(1).toString(), 'a');
  assert.deepEqual(Buffer.concat(pieces), large.subarray(0, -1));
  assert.deepEqual([...reader.readThrough(0)], []);
});

test('readDescriptor() throws where the input ends too early', () => {
  using file = open(Buffer.from('abc'));
  const reader = readDescriptor(file.fd);
  assert.throws(() => [...reader.readThrough(4)], UnexpectedEndError);
  assert.throws(() => reader.readExactly(1), UnexpectedEndError);
  assert.throws(() => reader.readFrameHeader(), UnexpectedEndError);
});
