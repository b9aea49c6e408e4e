import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWakeUp } from './wake-up.ts';

const NEVER = new AbortController().signal;
const LONG_MS = 60_000;

test('wait() returns at once when woken before, and only once for it', async () => {
  const wakeUp = createWakeUp();
  wakeUp.wake();
  wakeUp.wake();
  await wakeUp.wait(LONG_MS, NEVER);
  let isOver = false;
  const second = wakeUp.wait(LONG_MS, NEVER).then(() => {
    isOver = true;
  });
  await new Promise(setImmediate);
  assert.equal(isOver, false);
  wakeUp.wake();
  await second;
  assert.equal(isOver, true);
});

test('wait() ends by its time and by its signal, and leaves no listener on the signal', async () => {
  const wakeUp = createWakeUp();
  const stop = new AbortController();
  await wakeUp.wait(1, stop.signal);
  const waiting = wakeUp.wait(LONG_MS, stop.signal);
  stop.abort();
  await waiting;
  await wakeUp.wait(LONG_MS, stop.signal);
});
