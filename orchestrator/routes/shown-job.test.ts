import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobRow } from '@orca/database';
import { shownJob } from './shown-job.ts';

const ARRIVED_MS = Date.parse('2026-01-01T00:00:00.000Z');
const at = (ms: number): Date => new Date(ARRIVED_MS + ms);
const ROW: JobRow = {
  ...{ jobId: 17, client: 'course.example.edu', generation: 1, metadata: {}, imageSha: 'sha' },
  state: 'waiting',
  collation: { type: 'user', id: '42' },
  ...{ isImmediate: false, arrivedAt: at(0) },
  ...{ releaseAt: null, claimedAt: null, finishedAt: null, faults: 0, lastFault: null, workerId: null },
  ...{ container: null, outcome: null, now: at(40_000) },
};

function timingsOf(job: JobRow, releaseAt: Date | null) {
  const place = releaseAt === null ? null : { releaseAt, notBefore: null };
  const { queued_ms, total_ms } = shownJob({
    ...{ job, place, results: [], deliveries: [] },
    state: { kind: 'grading' },
  }).timings;
  return [queued_ms, total_ms];
}

test('shownJob() counts the queue from the release, and from the arrival where its place is older', () => {
  assert.deepEqual(timingsOf(ROW, at(10_000)), [30_000, 30_000]);
  assert.deepEqual(timingsOf(ROW, at(60_000)), [0, 0]);
  assert.deepEqual(timingsOf(ROW, at(-86_400_000)), [40_000, 40_000], 'it was moved to the front');
  const grading: JobRow = { ...ROW, state: 'grading', claimedAt: at(15_000), releaseAt: at(-86_400_000) };
  assert.deepEqual(timingsOf(grading, null), [15_000, 40_000]);
});
