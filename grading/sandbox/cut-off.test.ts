import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { watchOver } from './cut-off.ts';

/** A container of which only its death matters. */
function mortal(): { kill: () => Promise<void>; deaths: () => number } {
  let deaths = 0;
  return {
    async kill() {
      deaths += 1;
    },
    deaths: () => deaths,
  };
}

describe('watchOver()', () => {
  test('kills once, and keeps the first reason', async () => {
    const container = mortal();
    using cutOff = watchOver(container, new AbortController().signal);
    assert.equal(cutOff.why(), null);
    cutOff.cut('broken');
    cutOff.cut('deadline');
    await cutOff.done();
    assert.equal(cutOff.why(), 'broken');
    assert.equal(container.deaths(), 1);
  });

  test('kills when the signal aborts, also when it has before', async () => {
    const stop = new AbortController();
    const container = mortal();
    using early = watchOver(container, stop.signal);
    stop.abort();
    assert.equal(early.why(), 'stopped');
    using late = watchOver(container, stop.signal);
    assert.equal(late.why(), 'stopped');
    assert.equal(container.deaths(), 2);
  });

  test('kills when the clock runs out, the one that was set last', async () => {
    const killed = Promise.withResolvers<void>();
    const container = { kill: async () => killed.resolve() };
    using cutOff = watchOver(container, new AbortController().signal);
    cutOff.expectWithin(3_600_000, 'silent');
    cutOff.expectWithin(1, 'deadline');
    await killed.promise;
    assert.equal(cutOff.why(), 'deadline');
  });

  test('bears an engine that does not kill', async () => {
    const container = { kill: () => Promise.reject(new Error('hung')) };
    using cutOff = watchOver(container, new AbortController().signal);
    cutOff.cut('deadline');
    await cutOff.done();
  });

  test('lets go when it is disposed of', () => {
    const stop = new AbortController();
    const container = mortal();
    {
      using cutOff = watchOver(container, stop.signal);
      cutOff.expectWithin(3_600_000, 'silent');
    }
    stop.abort();
    assert.equal(container.deaths(), 0);
  });
});
