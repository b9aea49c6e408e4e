import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDoorbell } from './doorbell.ts';

const NEVER = new AbortController().signal;
const LONG_MS = 3_600_000;

test('waitForRing() ends at a ring', async () => {
  const doorbell = createDoorbell();
  const waiting = doorbell.waitForRing(LONG_MS, NEVER);
  doorbell.ring();
  await waiting;
});

test('waitForRing() hears a ring from before, once', async () => {
  const doorbell = createDoorbell();
  doorbell.ring();
  doorbell.ring();
  await doorbell.waitForRing(LONG_MS, NEVER);
  let isOver = false;
  const waiting = doorbell.waitForRing(LONG_MS, NEVER).then(() => {
    isOver = true;
  });
  await new Promise(setImmediate);
  assert.equal(isOver, false);
  doorbell.ring();
  await waiting;
});

test('waitForRing() ends when its time or its signal is over', async () => {
  const doorbell = createDoorbell();
  await doorbell.waitForRing(1, NEVER);
  await doorbell.waitForRing(LONG_MS, AbortSignal.abort());
});
