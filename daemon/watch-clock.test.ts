import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { watchClock } from './watch-clock.ts';

const LOOK_MS = 1;

/** Watches a clock that is so much ahead, one look for each of these; returns what was logged, and the metrics. */
async function watch(skewsSeconds: readonly (number | 'no answer')[]) {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log = createLogger({ name: 'test', level: 'info', pretty: false }, { write });
  const metrics = createMetrics();
  const over = new AbortController();
  const skews = [...skewsSeconds];
  const now = 1_700_000_000_000;
  let skew: number | 'no answer' = 0;
  const askTime = async (): Promise<Date> => {
    if (skew === 'no answer') throw new Error('the database does not answer');
    return new Date(now);
  };
  const ownTime = (): number => {
    skew = skews.shift() ?? 0;
    if (skews.length === 0) over.abort();
    return now + (skew === 'no answer' ? 0 : skew * 1_000);
  };
  await watchClock({ askTime, ownTime, log, metrics }, over.signal, LOOK_MS);
  return { lines: lines.map((line) => JSON.parse(line)), metrics: await metrics.render() };
}

test('watchClock() says nothing of clocks that agree, and tells how well', async () => {
  const { lines, metrics } = await watch([0, 1.5, -1.5, 0.25]);
  assert.deepEqual(lines, []);
  assert.match(metrics, /^orca_clock_ahead_seconds 0\.25/m);
});

test('watchClock() says once that a clock is wrong, which way and what to do, again when it jumps, and when it is right', async () => {
  const { lines, metrics } = await watch([3_600, 3_600, 3_600.5, -3_600, 0.1, 0.2]);
  assert.deepEqual(
    lines.map(({ level, skewSeconds }) => [level, skewSeconds]),
    [
      ['error', 3_600],
      ['error', -3_600],
      ['info', 0],
    ],
  );
  assert.match(lines[0].trouble, /^This machine's clock is 3600 s ahead of the database's\. .*set the one/);
  assert.match(lines[1].trouble, /^This machine's clock is 3600 s behind the database's\./);
  assert.match(metrics, /^orca_clock_ahead_seconds 0\.2/m);
});

test('watchClock() goes on when the database does not answer, and tells no figure before it has', async () => {
  const silent = await watch(['no answer', 'no answer']);
  assert.deepEqual(silent.lines, []);
  assert.doesNotMatch(silent.metrics, /^orca_clock_ahead_seconds \d/m);
  assert.equal((await watch(['no answer', -10])).lines.length, 1);
});
