import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nestsDeeperThan } from './json-depth.ts';
import { cpuMsOf } from './testing/cpu-ms.ts';

const nest = (depth: number): unknown =>
  JSON.parse(`${'[{"a":'.repeat(depth / 2)}0${'}]'.repeat(depth / 2)}`);

test('nestsDeeperThan() counts objects and lists, at the limit and one past it', () => {
  assert.equal(nestsDeeperThan('x', 0), false);
  assert.equal(nestsDeeperThan([], 0), true);
  assert.equal(nestsDeeperThan(nest(64), 64), false);
  assert.equal(nestsDeeperThan([nest(64)], 64), true);
  assert.equal(nestsDeeperThan([1, {}, [nest(62)], null], 64), false);
});

test('nestsDeeperThan() neither overflows nor dawdles', () => {
  const deep = nest(100_000);
  const wide = new Array(500_000).fill([]);
  const took = cpuMsOf(() => {
    assert.equal(nestsDeeperThan(deep, 64), true);
    assert.equal(nestsDeeperThan(wide, 64), false);
  });
  // The target is 50 ms.
  assert.ok(took < 500, `${took} ms`);
});
