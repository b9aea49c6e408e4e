import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundleHarness } from './bundle-harness.ts';

test('bundleHarness() gives each of those who ask at the same moment its program', {
  timeout: 60_000,
}, async () => {
  const [probe, container, again] = await Promise.all([
    bundleHarness('probe'),
    bundleHarness('container'),
    bundleHarness('probe'),
  ]);
  assert.match(probe, /nodeSha256/);
  assert.match(container, /stepFinished/);
  assert.equal(again, probe);
  assert.notEqual(container, probe);
});
