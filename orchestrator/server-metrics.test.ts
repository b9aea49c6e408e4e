import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '@orca/daemon';
import { serverMetrics } from './server-metrics.ts';

test('serverMetrics() tells what alerts look at as 0 before it has happened, also without a database', async () => {
  const metrics = createMetrics();
  const { noteDelivery } = serverMetrics(metrics, { query: () => Promise.reject(new Error('away')) });
  assert.match(
    await metrics.render(),
    /^orca_delivery_attempts_total\{kind="result",outcome="given_up"\} 0$/m,
  );
  noteDelivery({ kind: 'result', outcome: 'given_up', durationMs: 1 });
  assert.match(
    await metrics.render(),
    /^orca_delivery_attempts_total\{kind="result",outcome="given_up"\} 1$/m,
  );
});
