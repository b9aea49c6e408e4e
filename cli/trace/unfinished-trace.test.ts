import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPaint } from '../paint.ts';
import { renderTrace } from './render-trace.ts';
import { traceJob } from './trace-job.ts';

const BEGAN_MS = Date.parse('2026-01-01T00:00:00.000Z');
const at = (ms: number): string => new Date(BEGAN_MS + ms).toISOString();
const NO_PHASES = {
  ...{ queued_ms: null, image_ms: null, files_ms: null, container_ms: null, unpack_ms: null },
  ...{ commands_ms: null, total_ms: null },
};
const JOB = {
  ...{ id: 17, outcome: null, arrived_at: at(0), release_at: at(0), claimed_at: null, finished_at: null },
  ...{ not_before: null, faults: 0, last_fault: null, timings: NO_PHASES },
};
const since = (ms: number) => ({ ...NO_PHASES, total_ms: ms });

/** What is told of a job, by the clock of a machine that is a day late. */
function spansOf(job: object, nowMs = BEGAN_MS - 86_400_000) {
  const trace = traceJob({ job: { ...JOB, ...job }, result: null, delivery: null }, nowMs);
  assert.ok(trace !== null);
  return trace.spans.map(({ name, from_ms, ms, about }) => [name, from_ms, ms, about]);
}

const ENDED = { state: 'finished', phase: 'finished', release_at: null };
const GRADING = { state: 'grading', claimed_at: at(10), timings: since(40_010) };
const WITH_DELAY = 'with any delay that was asked for';

test('traceJob() calls what a job waited that never ran its queue, up to its end', () => {
  assert.deepEqual(spansOf({ ...ENDED, outcome: 'cancelled', finished_at: at(3_600_000) }), [
    ['queued', 0, 3_600_000, `until it was cancelled, ${WITH_DELAY}`],
  ]);
  const unbuilt = { outcome: 'failed', finished_at: at(300_000), last_fault: 'no such file' };
  assert.deepEqual(spansOf({ ...ENDED, ...unbuilt }), [
    [
      ...['queued', 0, 300_000],
      `waiting for its image, which could not be built, ${WITH_DELAY}, the reason: no such file`,
    ],
  ]);
});

test('traceJob() tells a run that was cut off, or failed for the last time, from what came before it', () => {
  const run = { ...ENDED, claimed_at: at(5_000), finished_at: at(65_000) };
  assert.deepEqual(spansOf({ ...run, outcome: 'cancelled' }), [
    ['queued', 0, 5_000, WITH_DELAY],
    ['running', 5_000, 60_000, 'cut off, the job was cancelled'],
  ]);
  assert.deepEqual(spansOf({ ...run, outcome: 'failed', faults: 3, last_fault: 'the disk is full' }), [
    ['queued', 0, 5_000, `${WITH_DELAY}, with 2 runs that failed`],
    ['running', 5_000, 60_000, 'failed, it was the last try: the disk is full'],
  ]);
  assert.deepEqual(spansOf({ ...run, outcome: 'graded' })[1]?.at(-1), 'its phases are not known');
});

test('traceJob() shows a job that is being graded up to now', () => {
  assert.deepEqual(spansOf({ ...GRADING, phase: 'fetching' }), [
    ['queued', 0, 10, ''],
    ['running', 10, 40_000, 'fetching its image and its files'],
  ]);
  const delayed = { ...GRADING, release_at: at(7), phase: 'running', timings: since(40_003) };
  assert.deepEqual(spansOf(delayed), [
    ['delayed', 0, 7, 'until its release time'],
    ['queued', 7, 3, ''],
    ['running', 10, 40_000, 'in its container'],
  ]);
  // Moved to the front: its place is older than itself.
  const moved = spansOf({ ...GRADING, release_at: at(-60_000), phase: 'running' });
  assert.deepEqual(moved[1], ['running', 10, 40_000, 'in its container']);
});

test('traceJob() shows how long a delay that was asked for has lasted, by a clock that may be wrong', () => {
  const job = { state: 'waiting', release_at: at(60_000), timings: since(0) };
  const about = 'until its release time';
  assert.deepEqual(spansOf(job, BEGAN_MS + 20_000), [['delayed', 0, 20_000, about]]);
  assert.deepEqual(spansOf(job, BEGAN_MS + 86_400_000), [['delayed', 0, 60_000, about]]);
  assert.deepEqual(spansOf(job, BEGAN_MS - 1), [['delayed', 0, 0, about]]);
  assert.deepEqual(spansOf({ ...job, timings: since(5_000) }), [
    ['delayed', 0, 60_000, about],
    ['queued', 60_000, 5_000, ''],
  ]);
});

test('traceJob() says of a held job what it waits for', () => {
  const held = { state: 'held', phase: 'held', timings: since(300_000) };
  assert.deepEqual(spansOf(held), [['queued', 0, 300_000, 'waiting for its image']]);
  const delayed = { ...held, release_at: at(60_000), timings: since(0) };
  assert.deepEqual(spansOf(delayed, BEGAN_MS + 1), [
    ['delayed', 0, 1, 'until its release time, waiting for its image'],
  ]);
});

test('traceJob() says which runs failed while a job was in the queue, and when it is tried again', () => {
  const timings = {
    queued_ms: 70_000,
    image_ms: 1,
    files_ms: 2,
    container_ms: 3,
    unpack_ms: 4,
    commands_ms: 5,
  };
  const graded = { ...ENDED, outcome: 'graded', release_at: at(0), claimed_at: at(70_000) };
  const second = { ...graded, finished_at: at(70_020), timings, faults: 1, last_fault: 'no engine' };
  assert.deepEqual(spansOf(second)[0], ['queued', 0, 70_000, 'with 1 run that failed: no engine']);
  assert.deepEqual(spansOf(second).at(-1), ['stored', 70_015, 5, '']);
  const third = { ...second, faults: 2 };
  assert.equal(spansOf(third)[0]?.at(-1), 'with 2 runs that failed, the last: no engine');
  const waiting = {
    state: 'waiting',
    timings: since(30_000),
    not_before: at(60_000),
    last_fault: 'no engine',
  };
  const next = `next try at ${at(60_000)}`;
  assert.equal(spansOf(waiting)[0]?.at(-1), `${next}, put off: no engine`);
  assert.equal(spansOf({ ...waiting, faults: 1 })[0]?.at(-1), `${next}, with 1 run that failed: no engine`);
});

test('renderTrace() says how long it is until now, and shows why a run failed, in one plain line', () => {
  const fault = `The engine \u001b[31mdoes not answer${', nor the next one'.repeat(5)}`;
  const job = { ...JOB, ...GRADING, phase: 'running', faults: 1, last_fault: fault };
  const trace = traceJob({ job, result: null, delivery: null }, BEGAN_MS);
  assert.ok(trace !== null);
  const [head, , queued, running, ...more] = renderTrace(trace, createPaint(false)).trimEnd().split('\n');
  assert.match(head ?? '', /^Job 17, grading; PUT at .*, 40010 ms until now or its end$/);
  assert.match(
    queued ?? '',
    /queued +with 1 run that failed: The engine does not answer(, nor the next one){5}$/,
  );
  assert.match(running ?? '', /running +in its container$/);
  assert.deepEqual(more, []);
});
