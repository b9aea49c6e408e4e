import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryDelaySeconds, SCHEDULE_SECONDS } from './schedule.ts';

test('retryDelaySeconds() follows the schedule of the contract', () => {
  const waits = Array.from({ length: 9 }, (_, index) => retryDelaySeconds(index + 1, undefined, 0.5));
  assert.deepEqual(waits, [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]);
  assert.equal(SCHEDULE_SECONDS.length, 10, 'ten tries');
});

test('retryDelaySeconds() spreads each wait by a fifth, and not more', () => {
  assert.equal(Math.round(retryDelaySeconds(2, undefined, 0)), 240);
  assert.equal(Math.round(retryDelaySeconds(2, undefined, 1)), 360);
});

test('retryDelaySeconds() never comes before the client asked for it', () => {
  assert.equal(retryDelaySeconds(1, 60, 0), 60);
  assert.equal(retryDelaySeconds(3, 60, 0.5), 1800);
});
