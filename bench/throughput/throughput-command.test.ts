import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMet } from '../goal.ts';
import type { Pace } from '../turns/take-turns.ts';
import { judgeThroughput } from './throughput-command.ts';

function paces(...rates: readonly number[]): Pace[] {
  const cpu = { worker: 1, server: 1, postgres: 1, bench: 1, others: 1 };
  return rates.map((rate) => ({ rate, cpu }));
}

test('judgeThroughput() compares round by round, and wants nine tenths of what the engine can', () => {
  const [met] = judgeThroughput({ orca: paces(9, 4.5, 90), bare: paces(10, 5, 100) });
  assert.ok(met !== undefined && isMet(met));
  const [missed] = judgeThroughput({ orca: paces(8.9, 4.4, 200), bare: paces(10, 5, 100) });
  assert.ok(missed !== undefined && !isMet(missed));
});
