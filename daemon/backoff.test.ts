import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backoff } from './backoff.ts';
import { sleep } from './sleep.ts';

test('backoff() doubles from the base up to the limit', () => {
  const waits = [1, 2, 3, 4, 5, 2_000].map((attempt) => backoff(attempt, { baseMs: 100, maxMs: 1_000 }));
  assert.deepEqual(waits, [100, 200, 400, 800, 1_000, 1_000]);
});

test('backoff() with jitter stays within its share', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempt, random) => {
        const plain = backoff(attempt, { baseMs: 50, maxMs: 30_000 });
        const ms = backoff(attempt, { baseMs: 50, maxMs: 30_000, jitter: 0.2 }, () => random);
        assert.ok(ms >= Math.floor(plain * 0.8) && ms <= Math.ceil(plain * 1.2));
      },
    ),
  );
});

test('sleep() ends at once, without an error, when its signal aborts', async () => {
  const stop = new AbortController();
  const slept = sleep(60_000, stop.signal);
  stop.abort();
  await slept;
  await sleep(60_000, stop.signal);
});
