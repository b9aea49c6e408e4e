import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elapsed, showAge, showBytes, showDuration } from './show-amounts.ts';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const ago = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString();

for (const [bytes, shown] of [
  [null, '–'],
  [0, '0 bytes'],
  [1023, '1023 bytes'],
  [1024, '1.0 KiB'],
  [600_000_000, '572 MiB'],
  [1_400_000_000, '1.3 GiB'],
] as const)
  test(`showBytes() shows ${bytes} as ${shown}`, () => assert.equal(showBytes(bytes), shown));

for (const [ms, shown] of [
  [null, '–'],
  [420, '0.4 s'],
  [41_000, '41 s'],
  [119_000, '119 s'],
  [200_000, '3 min 20 s'],
] as const)
  test(`showDuration() shows ${ms} ms as ${shown}`, () => assert.equal(showDuration(ms), shown));

for (const [time, shown] of [
  [null, '–'],
  ['no time', '–'],
  [ago(-5), '0 s ago'],
  [ago(119), '119 s ago'],
  [ago(120), '2 min ago'],
  [ago(3 * 86_400), '3 d ago'],
] as const)
  test(`showAge() shows ${time} as ${shown}`, () => assert.equal(showAge(time, NOW), shown));

test('elapsed() is null where one of the moments is missing', () => {
  assert.equal(elapsed(ago(3), ago(1)), 2000);
  assert.equal(elapsed(ago(3), null), null);
});
