import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDuration, readExpiry } from './read-times.ts';

const NOW = new Date('2026-11-24T12:00:00Z');

test('readDuration() reads what people write, up to a hundred years', () => {
  const cases = { '0': 0, '45s': 45, '30m': 1_800, '24h': 86_400, '90d': 7_776_000, '2w': 1_209_600 };
  for (const [text, seconds] of Object.entries(cases)) assert.equal(readDuration(text), seconds, text);
  assert.equal(readDuration('36500d'), 3_153_600_000);
  for (const text of ['36501d', '', '1', '-1h', '1.5h', '1 h', '1y', 'h', '9999999999s'])
    assert.equal(readDuration(text), null, text);
});

test('readExpiry() reads days as they begin in UTC, times with a zone, and lengths of time', () => {
  const cases = {
    '2027-01-31': '2027-01-31T00:00:00.000Z',
    '2027-01-31T18:00:00Z': '2027-01-31T18:00:00.000Z',
    '2027-01-31T18:00+02:00': '2027-01-31T16:00:00.000Z',
    '90d': '2027-02-22T12:00:00.000Z',
    '1s': '2026-11-24T12:00:01.000Z',
  };
  for (const [text, at] of Object.entries(cases))
    assert.deepEqual(readExpiry(text, NOW), { kind: 'ok', at: new Date(at) }, text);
});

test('readExpiry() refuses what is past, no day, or without a zone', () => {
  for (const text of ['2026-11-24', '2026-11-24T12:00:00Z', '0', '0d'])
    assert.deepEqual(readExpiry(text, NOW), { kind: 'invalid', reason: 'is not in the future' }, text);
  for (const text of [
    '2027-02-31',
    '2027-13-01',
    'tomorrow',
    '31.1.2027',
    '2027-01-31T18:00',
    '2027-01-31T25:00Z',
    '',
  ])
    assert.match(JSON.stringify(readExpiry(text, NOW)), /must be like/, text);
});
