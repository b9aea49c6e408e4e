import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LIMITS, effectiveLimits } from './job-limits.ts';

test('effectiveLimits() gives the defaults to a job that asks for nothing', () => {
  assert.deepEqual(effectiveLimits({}), { limits: DEFAULT_LIMITS, warnings: [] });
  assert.deepEqual(effectiveLimits({ limits: {} }), { limits: DEFAULT_LIMITS, warnings: [] });
});

test('effectiveLimits() grants what is allowed and lowers the rest with a warning', () => {
  const { limits, warnings } = effectiveLimits({ limits: { wall_seconds: 5, memory_mb: 4096, pids: 64 } });
  assert.deepEqual(limits, { ...DEFAULT_LIMITS, wallSeconds: 5, pids: 64 });
  assert.deepEqual(warnings, ['limits.memory_mb: lowered from 4096 to 1024, the most this server allows']);
});

test('effectiveLimits() goes by what the server allows: more on request only, less for all', () => {
  const allowed = { wallSeconds: 3600, cpus: 0.5, memoryMb: 8192, diskMb: 100, pids: 128, entries: 1000 };
  assert.deepEqual(effectiveLimits({ limits: { wall_seconds: 3600 } }, allowed), {
    limits: { wallSeconds: 3600, cpus: 0.5, memoryMb: 1024, diskMb: 100, pids: 128, entries: 1000 },
    warnings: [],
  });
});
