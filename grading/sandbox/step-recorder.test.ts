import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DEFAULT_LIMITS } from '@orca/protocol';
import { OUTPUT_HEAD_BYTES, OUTPUT_TAIL_BYTES } from '@orca/protocol/sandbox-plan';
import { recordStep, wholeLines } from './step-recorder.ts';

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

/** What is kept of a stdout that is too long. */
function cutStdout(text: string): Buffer {
  const running = recordStep(0, SHELL, DEFAULT_LIMITS);
  const bytes = Buffer.from(text);
  running.addHead('stdout', bytes.subarray(0, OUTPUT_HEAD_BYTES));
  running.addTail('stdout', bytes.subarray(Math.max(OUTPUT_HEAD_BYTES, bytes.length - OUTPUT_TAIL_BYTES)));
  return running.finish({
    step: 0,
    status: 0,
    limit: null,
    full: null,
    stdoutBytes: bytes.length,
    stderrBytes: 0,
    wallMs: 1,
    cpuMs: 1,
    memoryPeakBytes: 1,
  }).stdout;
}

const filled = (text: string, bytes: number): string => text.padStart(bytes, `${'.'.repeat(99)}\n`);

test('recordStep() makes no line of its own of the rest of one that was cut', () => {
  const dropped = 'x'.repeat(50);
  const text = `${filled('ok 7', OUTPUT_HEAD_BYTES)}${dropped}${'# TOTAL POINTS: 999\n'.padEnd(OUTPUT_TAIL_BYTES, 'y')}`;
  const cut = String(cutStdout(text));
  assert.match(cut, /\n\[Orca: 50 bytes were dropped here\] # TOTAL POINTS: 999\ny/);
  assert.doesNotMatch(cut, /^# TOTAL POINTS/m);
});

test('wholeLines() leaves out the two halves of lines that were cut, and nothing of what is whole', () => {
  for (const head of ['ok 6\nok 7', 'ok 6\rok 7', 'ok 6\r\nok 7'])
    assert.match(
      String(wholeLines(cutStdout(`${filled(head, OUTPUT_HEAD_BYTES)}x${'t'.repeat(OUTPUT_TAIL_BYTES)}`))),
      /ok 6[\r\n]+\[Orca: 1 bytes were dropped here\] ttt/,
    );
  const noLine = 'a'.repeat(OUTPUT_HEAD_BYTES + 9) + 't'.repeat(OUTPUT_TAIL_BYTES);
  assert.match(String(wholeLines(cutStdout(noLine))), /^\[Orca: 9 bytes were dropped here\] ttt/);
  const atLimit = Buffer.from('ok 1\n'.repeat(OUTPUT_HEAD_BYTES)).subarray(0, 1024 * 1024);
  assert.equal(wholeLines(atLimit), atLimit);
});
