import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killsOfOwnLimit, peakGrowth } from './measure-usage.ts';

const counters = (memoryBytes: number, memoryPeakBytes: number) => ({
  cpuMs: 0,
  memoryBytes,
  memoryPeakBytes,
  oomKills: 0,
  limitOoms: 0,
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

test('killsOfOwnLimit() counts nobody whom the machine killed for want of its own memory', () => {
  const counted = (oomKills: number, limitOoms: number | null) => ({
    ...counters(0, 0),
    oomKills,
    limitOoms,
  });
  assert.equal(killsOfOwnLimit(counted(1, 1), counted(3, 2)), 2);
  assert.equal(killsOfOwnLimit(counted(1, 1), counted(3, 1)), 0);
  assert.equal(killsOfOwnLimit(counted(1, 1), counted(1, 2)), 0);
  assert.equal(killsOfOwnLimit(counted(0, null), counted(1, null)), 1, 'version 1 does not tell');
});
