import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DEFAULT_LIMITS } from '@orca/protocol';
import { OUTPUT_HEAD_BYTES } from '@orca/protocol/sandbox-plan';
import { recordStep } from './step-recorder.ts';

const SHELL = {
  kind: 'shell',
  path: 'script[0]',
  cmd: 'print',
  workingDir: null,
  timeoutSeconds: 60,
  keepProcesses: false,
  onSuccess: 'output',
  onFailure: 'abort',
} as const;

/** What this process holds on to, in bytes: without what could be collected. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test('recordStep() keeps what comes byte by byte in little more memory than it has bytes', () => {
  const running = recordStep(0, SHELL, DEFAULT_LIMITS);
  const before = heldBytes();
  for (let count = 0; count < OUTPUT_HEAD_BYTES; count += 1)
    assert.ok(running.addHead('stdout', Buffer.from([count % 251])));
  assert.equal(running.addHead('stdout', Buffer.from('x')), false, 'one byte more than a harness may send');
  assert.ok(heldBytes() - before < 8 * OUTPUT_HEAD_BYTES, 'no buffer is kept for each byte');
  const { stdout, limit } = running.finish({
    step: 0,
    status: 0,
    limit: null,
    full: null,
    stdoutBytes: OUTPUT_HEAD_BYTES + 10,
    stderrBytes: 0,
    wallMs: 1,
    cpuMs: 1,
    memoryPeakBytes: 1,
  });
  assert.deepEqual(
    stdout.subarray(0, OUTPUT_HEAD_BYTES),
    Buffer.from(Array.from({ length: OUTPUT_HEAD_BYTES }, (_, at) => at % 251)),
  );
  assert.match(String(stdout.subarray(OUTPUT_HEAD_BYTES)), /10 bytes were dropped here/);
  assert.match(limit?.sentence ?? '', new RegExp(`of its ${OUTPUT_HEAD_BYTES + 10} bytes`));
});
