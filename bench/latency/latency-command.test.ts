import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMet } from '../goal.ts';
import { judgeLatency, LATENCY } from './latency-command.ts';

/** The sentences of the goals that are missed. */
function missed(orca: readonly number[], bare: readonly number[]): string[] {
  return judgeLatency({ orca, bare, phases: {} })
    .filter((goal) => !isMet(goal))
    .map(({ sentence }) => sentence);
}

test('judgeLatency() wants a quick median, a short tail, and a third of a bare container', () => {
  const bare = [400, 400, 400];
  assert.deepEqual(missed([80, 80, 150], bare), []);
  assert.deepEqual(missed([81, 81, 81], bare), ['PUT to result POST, p50']);
  assert.deepEqual(missed([10, 10, 151], bare), ['PUT to result POST, p95']);
  assert.deepEqual(missed([71, 71, 71], [200, 200, 200]), [
    'PUT to result POST next to a bare docker run, p50 by p50',
  ]);
});

test('bench latency --help names what is started, which is no image builder', () => {
  assert.match(LATENCY.about, /an idle Orca \(PostgreSQL, the server and one worker; no image builder/);
});
