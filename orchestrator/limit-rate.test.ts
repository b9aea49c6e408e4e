import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRateLimiter } from './limit-rate.ts';

test('createRateLimiter() lets a burst through, then the rate', () => {
  let now = 0;
  const take = createRateLimiter({ perSecond: 10, burst: 5 }, () => now);
  for (let use = 0; use < 5; use += 1) assert.equal(take('a'), null);
  assert.equal(take('a'), 1);
  assert.equal(take('b'), null, 'another name has a bucket of its own');
  now = 100;
  assert.equal(take('a'), null);
  assert.equal(take('a'), 1);
  now = 10_000;
  for (let use = 0; use < 5; use += 1) assert.equal(take('a'), null);
  assert.equal(take('a'), 1, 'a bucket never holds more than the burst');
});

test('createRateLimiter() says how long to wait', () => {
  const take = createRateLimiter({ perSecond: 0.1, burst: 1 }, () => 0);
  assert.equal(take('a'), null);
  assert.equal(take('a'), 10);
});

test('createRateLimiter() remembers a bounded number of names, the latest ones', () => {
  const take = createRateLimiter({ perSecond: 0.001, burst: 1 }, () => 0);
  take('first');
  for (let name = 0; name < 9_999; name += 1) take(String(name));
  assert.notEqual(take('first'), null, 'still remembered, and moved to the end');
  take('one more');
  assert.equal(take('0'), null, 'forgotten');
  assert.notEqual(take('first'), null);
});

test('a limiter takes several tokens at once, or none', () => {
  const take = createRateLimiter({ perSecond: 10, burst: 100 }, () => 0);
  assert.equal(take('k', 60), null);
  assert.equal(take('k', 60), 2, 'twenty are missing');
  assert.equal(take('k', 40), null);
  assert.equal(take('k'), 1);
});

test('a limiter gives who wants more than a full bucket all of that', () => {
  let now = 0;
  const take = createRateLimiter({ perSecond: 10, burst: 100 }, () => now);
  assert.equal(take('k', 150), null);
  assert.equal(take('k', 150), 10, 'it has to be full again');
  now = 10_000;
  assert.equal(take('k', 150), null);
});
