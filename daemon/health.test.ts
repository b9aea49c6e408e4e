import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Health, serveHealth } from './health.ts';
import { createMetrics } from './metrics.ts';

async function serve(health: Health) {
  const metrics = createMetrics();
  const served = await serveHealth(
    { host: '127.0.0.1', port: 0 },
    { metrics, checkHealth: async () => health },
  );
  const get = async (path: string) => {
    const answer = await fetch(`${served.address}${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  return { metrics, get, [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() };
}

test('/readyz is 200 while everything works, and 503 with each reason while something does not', async () => {
  await using well = await serve({ database: null, engine: null });
  const ready = await well.get('/readyz');
  assert.equal(ready.status, 200);
  assert.deepEqual(JSON.parse(ready.text), {
    status: 'ready',
    checks: { database: 'ok', engine: 'ok' },
  });
  await using ill = await serve({ database: null, engine: 'the engine does not answer' });
  const not = await ill.get('/readyz');
  assert.equal(not.status, 503);
  assert.deepEqual(JSON.parse(not.text), {
    status: 'not ready',
    checks: { database: 'ok', engine: 'the engine does not answer' },
  });
  assert.equal((await ill.get('/healthz')).status, 200, 'it lives all the same');
});

test('/metrics tells what was counted, measured and read, and of the process', async () => {
  await using served = await serve({});
  const { metrics } = served;
  const count = metrics.counter('orca_test_total', 'Counts.', ['end']);
  const note = metrics.histogram('orca_test_seconds', 'Measures.');
  metrics.gauge('orca_test_now', 'Reads.', ['state'], async () => [{ labels: { state: 'a' }, value: 3 }]);
  count({ end: 'well' });
  count({ end: 'well' }, 2);
  note({}, 0.2);
  const { text } = await served.get('/metrics');
  assert.match(text, /^# HELP orca_test_total Counts\.$/m);
  assert.match(text, /^orca_test_total\{end="well"\} 3$/m);
  assert.match(text, /^orca_test_seconds_bucket\{le="0\.1"\} 0$/m);
  assert.match(text, /^orca_test_seconds_bucket\{le="0\.25"\} 1$/m);
  assert.match(text, /^orca_test_now\{state="a"\} 3$/m);
  assert.match(text, /^process_resident_memory_bytes \d+$/m);
});

test('a gauge that cannot be read is left out, and the others are told', async () => {
  await using served = await serve({});
  let isBroken = false;
  served.metrics.gauge('orca_test_now', 'Reads.', [], async () => {
    if (isBroken) throw new Error('away');
    return [{ labels: {}, value: 1 }];
  });
  served.metrics.counter('orca_test_total', 'Counts.')({});
  assert.match((await served.get('/metrics')).text, /^orca_test_now 1$/m);
  isBroken = true;
  const { status, text } = await served.get('/metrics');
  assert.equal(status, 200);
  assert.doesNotMatch(text, /^orca_test_now /m);
  assert.match(text, /^orca_test_total 1$/m);
});

test('serveHealth() says what there is to who asks for something else', async () => {
  await using served = await serve({});
  const { status, text } = await served.get('/');
  assert.equal(status, 404);
  assert.match(text, /there are \/metrics, \/healthz, \/readyz/);
});
