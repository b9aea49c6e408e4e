import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMet } from '../goal.ts';
import { judgeThroughput } from './throughput-command.ts';

test('judgeThroughput() compares round by round, and wants nine tenths of what the engine can', () => {
  const [met] = judgeThroughput({ orca: [9, 4.5, 90], bare: [10, 5, 100] });
  assert.ok(met !== undefined && isMet(met));
  const [missed] = judgeThroughput({ orca: [8.9, 4.4, 200], bare: [10, 5, 100] });
  assert.ok(missed !== undefined && !isMet(missed));
});
