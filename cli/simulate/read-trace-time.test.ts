import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secondsOf } from './read-trace-time.ts';

test('secondsOf() takes numbers, also as texts', () => {
  for (const [at, seconds] of [
    ...[12.5, 0, -3].map((number) => [number, number] as const),
    ...([
      ['12.5', 12.5],
      ['-3', -3],
      ['+.5', 0.5],
      ['1e3', 1_000],
      ['20261128', 20_261_128],
    ] as const),
  ])
    assert.equal(secondsOf(at), seconds, String(at));
});

test('secondsOf() takes dates in ISO form, of UTC unless they name their zone', () => {
  const midnight = Date.UTC(2026, 10, 28) / 1_000;
  for (const [at, seconds] of [
    ['2026-11-28', 0],
    ['2026-11-28T23:59', 86_340],
    ['2026-11-28T23:59Z', 86_340],
    ['2026-11-28 00:00:01', 1],
    ['2026-11-28T00:00:01.25Z', 1.25],
    ['2026-11-28T00:00:01.250000', 1.25],
    ['2026-11-28T01:00:00+01:00', 0],
    ['2026-11-28 01:00:00+01', 0],
    ['2026-11-28T01:30:00+0130', 0],
    ['2026-11-27T18:30:00-05:30', 0],
  ] as const)
    assert.equal(secondsOf(at), midnight + seconds, at);
  assert.equal(secondsOf('2028-02-29'), Date.UTC(2028, 1, 29) / 1_000);
});

test('secondsOf() guesses at nothing', () => {
  for (const at of [
    ...['05/11/2026 23:59', '2026/11/28', '28 Nov 2026', 'Nov 28', '2026-11', 'tomorrow', ''],
    ...['2026-02-31', '2026-02-29T00:00Z', '2026-04-31', '2026-13-01', '2026-00-10', '2026-01-00'],
    ...['2026-11-28T', '2026-11-28T24:00', '2026-11-28T23:60', '2026-11-28T23', '2026-11-28T23:59:60Z'],
    ...['2026-11-28T23:59 UTC', '2026-11-28T23:59+24:00', '2026-11-28+01:00', '2026-11-28T23:59z'],
    ...['0x10', '12,5', '1 2', 'Infinity', 'NaN', '1e999', ' 1'],
    ...[Number.NaN, Number.POSITIVE_INFINITY, null, undefined, true, [1], {}],
  ])
    assert.equal(secondsOf(at), null, String(at));
});
