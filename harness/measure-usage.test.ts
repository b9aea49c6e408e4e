import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peakGrowth } from './measure-usage.ts';

const counters = (memoryBytes: number, memoryPeakBytes: number) => ({
  cpuMs: 0,
  memoryBytes,
  memoryPeakBytes,
  oomKills: 0,
  forksRefused: 0,
});

test("peakGrowth() is exact where the command made the container's peak", () => {
  assert.equal(peakGrowth(counters(100, 150), counters(110, 500), 300), 400);
});

test('peakGrowth() is the highest sample where an earlier command made the peak', () => {
  assert.equal(peakGrowth(counters(100, 900), counters(110, 900), 300), 200);
});

test('peakGrowth() is never negative', () => {
  assert.equal(peakGrowth(counters(100, 900), counters(50, 900), 100), 0);
});
