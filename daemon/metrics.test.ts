import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createMetrics } from './metrics.ts';

const LEAST_LAG = /^nodejs_eventloop_lag_min_seconds (.+)$/m;
/** Before Node has looked for the first time it tells the largest number that it has. */
const NOT_LOOKED = 1e6;

test('createMetrics() has Node look at its event loop ten times a second, not a hundred times', async () => {
  const metrics = createMetrics();
  let least = Number.POSITIVE_INFINITY;
  while (least > NOT_LOOKED) {
    // Telling begins anew: two looks have to lie between.
    await pause(300);
    least = Number(LEAST_LAG.exec(await metrics.render())?.[1]);
  }
  // The figures hold the time between two looks.
  assert.ok(least > 0.05, `the least lag is ${least} s`);
});
