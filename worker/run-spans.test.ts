import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type StoredRun, spansOfRun } from './run-spans.ts';

const RUN: StoredRun = {
  gradingId: 'msg_1',
  jobId: 17,
  generation: 2,
  outcome: 'graded',
  claimedAtMs: 1_000,
  storedAtMs: 1_100,
  timings: {
    queued_ms: 10,
    image_ms: 1,
    files_ms: 17,
    container_ms: 2,
    unpack_ms: 3,
    commands_ms: 60,
    total_ms: 95,
  },
  commands: [
    { step: 0, status: 0, wallMs: 5, endedAtMs: 1_040 },
    { step: 2, status: null, wallMs: 30, endedAtMs: 1_080 },
  ],
};

test('spansOfRun() lays the phases of a run out from its release until it was stored', () => {
  const spans = spansOfRun(RUN);
  assert.deepEqual(
    spans.map(({ name, fromMs, toMs }) => [name, fromMs, toMs]),
    [
      ['job', 990, 1_100],
      ['queued', 990, 1_000],
      ['image', 1_000, 1_001],
      ['files', 1_001, 1_018],
      ['container', 1_018, 1_020],
      ['unpack', 1_020, 1_023],
      ['commands', 1_023, 1_083],
      ['command', 1_035, 1_040],
      ['command', 1_050, 1_080],
      ['stored', 1_083, 1_100],
    ],
  );
  assert.ok(spans.every(({ trace }) => trace === 'msg_1'));
  assert.deepEqual(
    spans.filter(({ isRoot }) => isRoot).map(({ name }) => name),
    ['job'],
  );
  assert.deepEqual(spans[0]?.attributes, {
    'orca.job_id': 17,
    'orca.generation': 2,
    'orca.outcome': 'graded',
  });
  assert.deepEqual(spans[8]?.attributes, { 'orca.step': 2, 'orca.timed_out': true });
});
