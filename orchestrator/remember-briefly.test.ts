import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rememberBriefly } from './remember-briefly.ts';

test('rememberBriefly() loads once for all who ask in its time, then again', async () => {
  let now = 0;
  let loads = 0;
  const remember = rememberBriefly<number>(5_000, () => now);
  const load = async () => (loads += 1);
  assert.deepEqual(await Promise.all([remember('a', load), remember('a', load)]), [1, 1]);
  now = 4_999;
  assert.equal(await remember('a', load), 1);
  now = 5_000;
  assert.equal(await remember('a', load), 2);
});

test('rememberBriefly() keeps names apart', async () => {
  const remember = rememberBriefly<string>(5_000, () => 0);
  assert.equal(await remember('a', async () => 'A'), 'A');
  assert.equal(await remember('b', async () => 'B'), 'B');
  assert.equal(await remember('a', async () => 'C'), 'A');
});

test('rememberBriefly() forgets a load that failed', async () => {
  const remember = rememberBriefly<string>(5_000, () => 0);
  await assert.rejects(
    remember('a', async () => {
      throw new Error('away');
    }),
    /away/,
  );
  assert.equal(await remember('a', async () => 'A'), 'A');
});
