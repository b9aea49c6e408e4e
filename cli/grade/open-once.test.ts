import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openOnce } from './open-once.ts';

test('openOnce() opens once for all calls, also for two at the same time', async () => {
  let opened = 0;
  const open = openOnce(async () => (opened += 1));
  assert.deepEqual(await Promise.all([open(), open()]), [1, 1]);
  assert.equal(await open(), 1);
});

test('openOnce() tries again after a failure', async () => {
  let tries = 0;
  const open = openOnce(async () => {
    tries += 1;
    if (tries === 1) throw new Error('Docker is down');
    return tries;
  });
  await assert.rejects(open(), /Docker is down/);
  assert.deepEqual([await open(), await open()], [2, 2]);
});
