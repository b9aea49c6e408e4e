import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OutputPiece } from '@orca/docker';
import { DEFAULT_LIMITS, flattenScript } from '@orca/protocol';
import {
  encodeFrame,
  encodeJsonFrame,
  FRAME,
  frameHeader,
  OUTPUT_HEAD_BYTES,
} from '@orca/protocol/sandbox-plan';
import fc from 'fast-check';
import { planJob } from './plan-job.ts';
import { type HarnessEvent, readEvents } from './read-events.ts';
import { FRAME_BYTES_MAX, HarnessError, readFrames } from './read-frames.ts';

const STEPS = flattenScript([
  { cmd: 'first', on_complete: 'next', on_fail: 'next' },
  { condition: { predicate: 'file', path: 'x' }, on_true: 'next', on_false: 'next' },
  { cmd: 'second', on_complete: 'output' },
]);
const FILE = { name: 'f', fileName: 'f', path: '/f', bytes: 0, format: 'zip', replacePaths: false } as const;
const PLAN = planJob(
  { steps: STEPS, imageId: 'i', limits: DEFAULT_LIMITS, network: 'none', files: [FILE] },
  [],
);

const USAGE = { wallMs: 1, cpuMs: 1, memoryPeakBytes: 1 };
const READY = encodeFrame(FRAME.ready, Buffer.alloc(0));
const PLAN_READ = encodeFrame(FRAME.planRead, Buffer.alloc(0));
const FILES_READY = encodeFrame(FRAME.filesReady, Buffer.alloc(0));
const started = (step: unknown): Buffer => encodeJsonFrame(FRAME.stepStarted, { step });
const printed = (text: string | Buffer): Buffer => encodeFrame(FRAME.stdout, Buffer.from(text));
const finished = (step: number, changes: object = {}): Buffer =>
  encodeJsonFrame(FRAME.stepFinished, {
    step,
    status: 0,
    limit: null,
    stdoutBytes: 0,
    stderrBytes: 0,
    ...USAGE,
    ...changes,
  });
const ended = (ending: unknown): Buffer => encodeJsonFrame(FRAME.ended, ending);

async function* pieces(chunks: readonly Buffer[]): AsyncGenerator<OutputPiece> {
  for (const bytes of chunks) yield { stream: 'stdout', bytes };
}

async function hear(frames: readonly Buffer[], chunkBytes = 1_000_000): Promise<HarnessEvent[]> {
  const whole = Buffer.concat(frames);
  const chunks = Array.from({ length: Math.ceil(whole.length / chunkBytes) }, (_, index) =>
    whole.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  );
  return Array.fromAsync(
    readEvents(
      readFrames(pieces(chunks), () => undefined),
      PLAN,
      DEFAULT_LIMITS,
    ),
  );
}

const GOOD = [
  READY,
  PLAN_READ,
  FILES_READY,
  started(0),
  printed('out'),
  finished(0, { stdoutBytes: 3 }),
  ended({ kind: 'abort' }),
];

describe('readEvents()', () => {
  test('follows a harness to its end, however its frames are cut', async () => {
    for (const chunkBytes of [1, 2, 7, 11, 13, 1_000]) {
      const events = await hear(GOOD, chunkBytes);
      assert.deepEqual(
        events.map((event) => event.kind),
        ['ready', 'plan_read', 'files_ready', 'step_started', 'step_output', 'step_finished', 'ended'],
      );
      const [, , , , output, report] = events;
      assert.ok(output?.kind === 'step_output' && output.stream === 'stdout');
      assert.equal(String(output.bytes), 'out');
      assert.ok(report?.kind === 'step_finished');
      assert.equal(String(report.report.stdout), 'out');
    }
  });

  test('refuses what may not come now', async () => {
    const running = [READY, PLAN_READ, FILES_READY, started(0)];
    const wrong: Record<string, Buffer[]> = {
      'the files before the plan': [READY, FILES_READY],
      'a step before the files': [READY, PLAN_READ, started(0)],
      'ready twice': [READY, READY],
      'the plan twice': [READY, PLAN_READ, PLAN_READ],
      'the end before the beginning': [ended({ kind: 'abort' })],
      'output of no command': [READY, PLAN_READ, FILES_READY, printed('x')],
      'a second command at once': [...running, started(2)],
      'a condition as a command': [READY, PLAN_READ, FILES_READY, started(1)],
      'a step that there is not': [READY, PLAN_READ, FILES_READY, started(3)],
      'a step that is no number': [READY, PLAN_READ, FILES_READY, started('0')],
      'the same step again': [...running, finished(0), started(0)],
      'the end of another step': [...running, finished(2)],
      'a status that is none': [...running, finished(0, { status: 256 })],
      'an amount that is none': [...running, finished(0, { wallMs: -1 })],
      'the output of a step that has not run': [...running, finished(0), ended({ kind: 'output', step: 2 })],
      'an ending of no kind': [...running, finished(0), ended({ kind: 'graded' })],
      'a refused file that there is not': [READY, ended({ kind: 'refused', file: 'g', sentence: 's' })],
      'something after the end': [...GOOD, READY],
      'no JSON': [READY, PLAN_READ, FILES_READY, encodeFrame(FRAME.stepStarted, Buffer.from('{'))],
      'an unknown frame': [READY, encodeFrame(99, Buffer.alloc(0))],
      'too long a frame': [READY, frameHeader(FRAME.stdout, FRAME_BYTES_MAX + 1)],
      'an absurdly long frame': [READY, Buffer.alloc(12, 0xff)],
    };
    for (const [what, frames] of Object.entries(wrong))
      await assert.rejects(hear(frames), HarnessError, what);
  });

  test('takes output up to the limit, and nothing past it', async () => {
    const quarter = Buffer.alloc(OUTPUT_HEAD_BYTES / 4);
    const full = [READY, PLAN_READ, FILES_READY, started(0), ...Array<Buffer>(4).fill(printed(quarter))];
    await hear([...full, finished(0, { stdoutBytes: OUTPUT_HEAD_BYTES })]);
    await assert.rejects(hear([...full, printed('x')]), HarnessError);
  });

  test('takes what a harness says about an archive without what a terminal would obey', async () => {
    const events = await hear([
      READY,
      ended({ kind: 'refused', file: 'f', sentence: `a\n\u001b[2J${'x'.repeat(5_000)}` }),
    ]);
    const last = events.at(-1);
    assert.ok(last?.kind === 'ended' && last.ending.kind === 'refused');
    assert.ok(!/[\u0000-\u001f]/.test(last.ending.sentence) && last.ending.sentence.length <= 1_000);
  });

  test('ends, or throws a HarnessError, whatever comes', async () => {
    const frame = fc.oneof(
      fc.constantFrom(...GOOD, started(2), finished(2), ended({ kind: 'output', step: 0 })),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc
        .tuple(fc.constantFrom(...Object.values(FRAME)), fc.json())
        .map(([type, text]) => encodeFrame(type, Buffer.from(text))),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(frame, { maxLength: 12 }),
        fc.integer({ min: 1, max: 50 }),
        async (frames, chunkBytes) => {
          try {
            await hear(frames, chunkBytes);
          } catch (error) {
            assert.ok(error instanceof HarnessError, String(error));
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
