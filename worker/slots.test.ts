import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { createSlots } from './slots.ts';

const NEVER = new AbortController().signal;

test('untilFree() waits while all slots are taken, and goes on when the first is free', async () => {
  const slots = createSlots(2);
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  slots.run(() => first.promise);
  await slots.untilFree(NEVER);
  slots.run(() => second.promise);
  let isFree = false;
  const waiting = slots.untilFree(NEVER).then(() => {
    isFree = true;
  });
  await new Promise(setImmediate);
  assert.equal(isFree, false);
  first.resolve();
  await waiting;
  assert.equal(slots.taken, 1);
  second.resolve();
  await slots.untilEmpty();
  assert.equal(slots.taken, 0);
});

test('untilFree() ends when its signal aborts', async () => {
  const slots = createSlots(1);
  const work = Promise.withResolvers<void>();
  slots.run(() => work.promise);
  const stop = new AbortController();
  const waiting = slots.untilFree(stop.signal);
  stop.abort();
  await waiting;
  work.resolve();
});

test('untilFree() leaves nothing behind on a signal that outlives it', async () => {
  const slots = createSlots(1);
  const stop = new AbortController();
  for (let job = 0; job < 3; job += 1) {
    slots.run(() => Promise.resolve());
    await slots.untilFree(stop.signal);
  }
  assert.equal(getEventListeners(stop.signal, 'abort').length, 0);
});

test('untilEmpty() waits for what began while it waited', async () => {
  const slots = createSlots(2);
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let isEmpty = false;
  slots.run(() => first.promise.then(() => slots.run(() => second.promise)));
  const waiting = slots.untilEmpty().then(() => {
    isEmpty = true;
  });
  first.resolve();
  await new Promise(setImmediate);
  assert.equal(isEmpty, false);
  second.resolve();
  await waiting;
});
