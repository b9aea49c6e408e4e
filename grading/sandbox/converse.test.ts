import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import type { OutputPiece } from '@orca/docker';
import { DEFAULT_LIMITS, flattenScript, type JobLimits } from '@orca/protocol';
import { encodeFrame, encodeJsonFrame, FRAME } from '@orca/protocol/sandbox-plan';
import { type Conversed, converse, READY_MS_MAX } from './converse.ts';
import { planJob } from './plan-job.ts';
import type { RunningHarness } from './running-harness.ts';

const STEPS = flattenScript([
  { cmd: 'first', on_complete: 'next' },
  { cmd: 'second', on_complete: 'output' },
]);

const READY = encodeFrame(FRAME.ready, Buffer.alloc(0));
const PLAN_READ = encodeFrame(FRAME.planRead, Buffer.alloc(0));
const RUNNING = [
  READY,
  PLAN_READ,
  encodeFrame(FRAME.filesReady, Buffer.alloc(0)),
  encodeJsonFrame(FRAME.stepStarted, { step: 0 }),
];
const PRINTED = encodeFrame(FRAME.stdout, Buffer.from('printed'));

interface Fake {
  /** What it says, and then ends. */
  readonly says: readonly Buffer[];
  readonly complains?: string;
  /** Says nothing more, and lives until it is killed. */
  readonly hangs?: boolean;
  readonly death?: { readonly exitCode: number; readonly isOomKilled: boolean } | null;
}

/** A container that is two streams: its other end says what the test wants, and takes all that is sent. */
function fakeContainer({
  says,
  complains = '',
  hangs = false,
  death = null,
}: Fake): RunningHarness & { isKilled: () => boolean } {
  const stdin = new PassThrough().resume();
  const killed = Promise.withResolvers<void>();
  let isKilled = false;
  async function* speak(): AsyncGenerator<OutputPiece> {
    for (const bytes of says) yield { stream: 'stdout', bytes };
    if (complains !== '') yield { stream: 'stderr', bytes: Buffer.from(complains) };
    if (hangs) await killed.promise;
  }
  return {
    stdin,
    output: speak(),
    async kill() {
      isKilled = true;
      killed.resolve();
    },
    ending: async () => death,
    disconnect: () => void stdin.destroy(),
    isKilled: () => isKilled,
  };
}

async function talk(
  fake: Fake,
  options: { limits?: Partial<JobLimits>; signal?: AbortSignal } = {},
): Promise<Conversed & { isKilled: boolean }> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const plan = planJob({ steps: STEPS, imageId: 'i', limits, network: 'none', files: [] }, []);
  const container = fakeContainer(fake);
  const conversation = { program: '', plan, files: [], limits };
  const signal = options.signal ?? new AbortController().signal;
  const conversed = await converse(container, conversation, () => undefined, signal);
  return { ...conversed, isKilled: container.isKilled() };
}

describe('converse()', () => {
  test('with a harness that says its last word, believes it', async () => {
    const { ending, isKilled } = await talk({
      says: [READY, encodeJsonFrame(FRAME.ended, { kind: 'abort' })],
    });
    assert.deepEqual(ending, { kind: 'abort' });
    assert.equal(isKilled, false);
  });

  test('with one that lies, kills it, and says so for engineers only', async () => {
    const forged = encodeJsonFrame(FRAME.stepFinished, { step: 1, status: 0 });
    const { ending, isKilled } = await talk({ says: [...RUNNING, forged], hangs: true });
    assert.equal(ending.kind, 'failed');
    assert.equal(isKilled, true);
  });

  test('with one that floods, kills it before it has taken much', async () => {
    const flood = Array<Buffer>(10_000).fill(encodeFrame(FRAME.stdout, Buffer.alloc(200_000)));
    const { ending, isKilled, steps } = await talk({ says: [...RUNNING, ...flood] });
    assert.equal(ending.kind, 'failed');
    assert.equal(isKilled, true);
    assert.ok((steps[0]?.stdout.length ?? 0) < 1_000_000);
  });

  test('with one that died of memory, blames the command under it and keeps what it printed', async () => {
    const death = { exitCode: 137, isOomKilled: true };
    const { ending, steps } = await talk({ says: [...RUNNING, PRINTED], death });
    assert.equal(ending.kind, 'limit');
    assert.equal(String(steps[0]?.stdout), 'printed');
    assert.equal(steps[0]?.limit?.kind, 'memory');
    assert.equal(steps[0]?.finished, false);
  });

  test('with one that died of something else, takes it upon us, with what it complained of', async () => {
    const death = { exitCode: 1, isOomKilled: false };
    const { ending, steps } = await talk({ says: [...RUNNING, PRINTED], complains: 'TypeError', death });
    assert.ok(ending.kind === 'failed' && ending.cause instanceof Error);
    assert.equal(ending.cause.message, 'TypeError');
    assert.equal(steps[0]?.limit, null);
  });

  test('with one that is ready and never takes its plan, does not blame the submission', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const talking = talk({ says: [READY], hangs: true }, { limits: { wallSeconds: 1 } });
    t.mock.timers.tick(READY_MS_MAX);
    const { ending, isKilled, hasPlan } = await talking;
    assert.deepEqual([ending.kind, isKilled, hasPlan], ['failed', true, false]);
  });

  test('with one that says nothing, kills it in the end, and takes it upon us', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const talked = talk({ says: [], hangs: true });
    // Everything that is not a timer comes first.
    await new Promise((resolve) => setImmediate(resolve));
    t.mock.timers.tick(READY_MS_MAX - 1);
    await new Promise((resolve) => setImmediate(resolve));
    t.mock.timers.tick(1);
    const { ending, isKilled, steps } = await talked;
    assert.ok(ending.kind === 'failed');
    assert.equal(ending.sentence, 'Cannot run the job: the harness did not start in time');
    assert.equal(isKilled, true);
    assert.deepEqual(steps, []);
  });

  test('with one that ends without a word, or in the middle of one, takes it upon us', async () => {
    const half = encodeJsonFrame(FRAME.ended, { kind: 'abort' }).subarray(0, -1);
    for (const says of [[], [READY], [READY, half], [Buffer.from('Segmentation fault\n')]]) {
      const { ending } = await talk({ says, death: { exitCode: 139, isOomKilled: false } });
      assert.equal(ending.kind, 'failed', String(Buffer.concat(says)));
    }
  });

  test('with one that was killed, keeps the commands that had ended, and what the last had printed', async () => {
    const ended = { status: 0, limit: null, full: null, stdoutBytes: 7, stderrBytes: 0 };
    const first = { step: 0, ...ended, wallMs: 1, cpuMs: 2, memoryPeakBytes: 3 };
    const { ending, steps } = await talk({
      says: [
        ...[...RUNNING, PRINTED, encodeJsonFrame(FRAME.stepFinished, first)],
        ...[encodeJsonFrame(FRAME.stepStarted, { step: 1 }), PRINTED],
      ],
      death: { exitCode: 137, isOomKilled: false },
    });
    assert.equal(ending.kind, 'failed');
    assert.deepEqual(
      steps.map(({ stdout, status, finished, limit }) => [String(stdout), status, finished, limit]),
      [
        ['printed', 0, true, null],
        ['printed', null, false, null],
      ],
    );
    assert.deepEqual(steps[0]?.usage, { wallMs: 1, cpuMs: 2, memoryPeakBytes: 3 });
  });

  test('with one that names a disk that there is not, or an odd amount, believes nothing', async () => {
    const told = { step: 0, status: 1, limit: 'disk', stdoutBytes: 0, stderrBytes: 0 };
    const used = { wallMs: 1, cpuMs: 1, memoryPeakBytes: 1 };
    const odd = [
      { path: '/etc', what: 'bytes', amount: 1 },
      { path: '/work', what: 'souls', amount: 1 },
      { path: '/work', what: 'bytes', amount: -1 },
      { path: '/work', what: 'bytes' },
      'full',
    ];
    for (const full of odd) {
      const forged = encodeJsonFrame(FRAME.stepFinished, { ...told, ...used, full });
      const { ending, isKilled } = await talk({ says: [...RUNNING, forged], hangs: true });
      assert.equal(ending.kind, 'failed', JSON.stringify(full));
      assert.equal(isKilled, true);
    }
  });

  test("with one that is late, ends at the job's time from outside", async () => {
    const startedAt = performance.now();
    const { ending, steps } = await talk(
      { says: [...RUNNING, PRINTED], hangs: true },
      { limits: { wallSeconds: 0.01 } },
    );
    assert.equal(ending.kind, 'limit');
    assert.equal(steps[0]?.timedOut, true);
    assert.ok(performance.now() - startedAt >= 2_000, 'the harness itself has two seconds more');
  });

  test('stops when its signal aborts', async () => {
    const { ending, isKilled } = await talk(
      { says: RUNNING, hangs: true },
      { signal: AbortSignal.timeout(10) },
    );
    assert.deepEqual(ending, { kind: 'stopped' });
    assert.equal(isKilled, true);
  });
});
