import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectEngine } from '@orca/docker';
import { keepContainers } from './own-containers.ts';
import { openTestSandbox } from './testing/open-test-sandbox.ts';

const LONG_MS = 3_600_000;

test('keepContainers() leaves one alone for as long as it is told, unless its sandbox ends', async () => {
  const containers = keepContainers(await connectEngine(), (_name, error) => assert.ifError(error));
  const rested = containers.add();
  const removed = containers.add();
  containers.remove(rested, LONG_MS);
  containers.remove(removed);
  while (containers.isInUse(removed)) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(containers.isInUse(rested), 'no sweep may touch it');
  await containers.untilRemoved();
  assert.ok(!containers.isInUse(rested));
});

test('run() removes its container, a moment after its result is there', async () => {
  await using box = await openTestSandbox();
  const report = await box.run([{ cmd: 'true', on_complete: 'output' }]);
  assert.equal(report.ending.kind, 'output');
  while ((await box.listContainers()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
});
