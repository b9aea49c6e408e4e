import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPaint } from '../paint.ts';
import { renderTrace } from './render-trace.ts';
import { traceJob } from './trace-job.ts';

/** By a clock that is wrong: where the answers tell the time, it is not asked. */
const NOW_MS = Date.parse('2026-01-01T12:00:00.000Z');
const JOB = {
  id: 17,
  state: 'finished',
  arrived_at: '2026-01-01T00:00:00.000Z',
  release_at: '2026-01-01T00:00:00.000Z',
  claimed_at: '2026-01-01T00:00:00.010Z',
  finished_at: '2026-01-01T00:00:00.060Z',
  timings: {
    queued_ms: 10,
    image_ms: 1,
    files_ms: 14,
    container_ms: 2,
    unpack_ms: 6,
    commands_ms: 15,
    total_ms: 48,
  },
};
const RESULT = {
  shell_responses: [
    { cmd: ['cat', 'a file'], usage: { wall_ms: 4 } },
    { cmd: 'make\u001b[31m', usage: { wall_ms: 8 } },
  ],
};
const DELIVERY = {
  tries: [
    {
      ended_at: '2026-01-01T00:00:10.000Z',
      duration_ms: 5,
      outcome: 'delivered',
      status_code: 200,
      error: null,
    },
    {
      ended_at: '2026-01-01T00:00:00.075Z',
      duration_ms: 12,
      outcome: 'retry',
      status_code: null,
      error: 'refused',
    },
  ],
};

test('traceJob() lays a finished job out without a gap, from the PUT to the last answer', () => {
  const trace = traceJob({ job: JOB, result: RESULT, delivery: DELIVERY }, NOW_MS);
  assert.deepEqual(
    trace?.spans.map(({ name, from_ms, ms }) => [name, from_ms, ms]),
    [
      ['queued', 0, 10],
      ['image', 10, 1],
      ['files', 11, 14],
      ['container', 25, 2],
      ['unpack', 27, 6],
      ['command', 33, 4],
      ['command', 37, 8],
      ['between', 45, 3],
      ['stored', 48, 12],
      ['delivery', 63, 12],
      ['delivery', 9_995, 5],
    ],
  );
  assert.equal(trace?.total_ms, 10_000);
  assert.equal(trace?.spans[5]?.about, 'cat a file');
  assert.equal(trace?.spans[9]?.about, 'retry: refused');
});

test('traceJob() tells a delay that was asked for from the queue', () => {
  const job = { ...JOB, release_at: '2026-01-01T00:00:00.007Z' };
  const [delayed, queued] = traceJob({ job, result: RESULT, delivery: null }, NOW_MS)?.spans ?? [];
  assert.deepEqual([delayed?.name, delayed?.ms], ['delayed', 7]);
  assert.deepEqual([queued?.name, queued?.from_ms, queued?.ms], ['queued', 7, 3]);
});

test('traceJob() shows a job that waits as far as it has come', () => {
  const none = { image_ms: null, files_ms: null, container_ms: null, unpack_ms: null, commands_ms: null };
  const timings = { queued_ms: 400, ...none, total_ms: 400 };
  const job = { ...JOB, state: 'waiting', claimed_at: null, finished_at: null, timings };
  const trace = traceJob({ job, result: null, delivery: null }, NOW_MS);
  assert.deepEqual(trace?.spans, [{ name: 'queued', about: '', from_ms: 0, ms: 400 }]);
});

test('traceJob() knows what is no job', () => {
  assert.equal(traceJob({ job: 'OK', result: null, delivery: null }, NOW_MS), null);
});

test('renderTrace() shows every span in its place, and obeys nothing that a command says', () => {
  const trace = traceJob({ job: JOB, result: RESULT, delivery: { tries: [DELIVERY.tries[1]] } }, NOW_MS);
  assert.ok(trace !== null);
  const text = renderTrace(trace, createPaint(false));
  assert.doesNotMatch(text, /\u001b/);
  const lines = text.trimEnd().split('\n');
  assert.equal(lines[0], 'Job 17, finished; PUT at 2026-01-01T00:00:00.000Z, 75 ms until now or its end');
  assert.equal(lines.length, 2 + trace.spans.length);
  assert.match(lines[2] ?? '', /^ *0 ms +10 ms +███·+ +queued$/);
  assert.match(lines.at(-1) ?? '', /^ *63 ms +12 ms +·{20}████ +delivery +retry: refused$/);
});
