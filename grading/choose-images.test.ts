import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chooseImages, FRESH_SECONDS, type KeptImage } from './choose-images.ts';

const NOW = new Date('2026-01-31T12:00:00Z');
const HOUR = 3_600;

function image(sha: string, ageSeconds: number, sizeBytes = 100): KeptImage {
  return { sha, sizeBytes, lastUsedAt: new Date(NOW.getTime() - ageSeconds * 1_000) };
}

test('chooseImages() takes what was not used for long, at the limit not yet', () => {
  const images = [image('a', 24 * HOUR), image('b', 24 * HOUR + 1), image('c', 0)];
  assert.deepEqual(chooseImages(images, { keepSeconds: 24 * HOUR, bytesMax: 1e9 }, NOW), ['b']);
});

test('chooseImages() makes room with what was used longest ago, but not with what is fresh', () => {
  const images = [image('a', 3 * HOUR), image('b', 5 * HOUR), image('c', 4 * HOUR), image('d', 60)];
  const keepSeconds = 24 * HOUR;
  assert.deepEqual(chooseImages(images, { keepSeconds, bytesMax: 400 }, NOW), []);
  assert.deepEqual(chooseImages(images, { keepSeconds, bytesMax: 399 }, NOW), ['b']);
  assert.deepEqual(chooseImages(images, { keepSeconds, bytesMax: 0 }, NOW), ['b', 'c', 'a']);
  const retention = { keepSeconds, bytesMax: 0, freshSeconds: 4 * HOUR };
  assert.deepEqual(chooseImages(images, retention, NOW), ['b']);
});

test('chooseImages() leaves what fits, or only fresh ones, whatever there is', () => {
  const arbitrary = fc.array(
    fc.record({ ageSeconds: fc.integer({ min: 0, max: 1e6 }), sizeBytes: fc.integer({ min: 1, max: 1e6 }) }),
  );
  fc.assert(
    fc.property(arbitrary, fc.integer({ min: 0, max: 1e7 }), (drawn, bytesMax) => {
      const images = drawn.map(({ ageSeconds, sizeBytes }, index) =>
        image(`${index}`, ageSeconds, sizeBytes),
      );
      const chosen = new Set(chooseImages(images, { keepSeconds: 500_000, bytesMax }, NOW));
      const kept = images.filter(({ sha }) => !chosen.has(sha));
      const ages = kept.map(({ lastUsedAt }) => (NOW.getTime() - lastUsedAt.getTime()) / 1_000);
      assert.ok(ages.every((age) => age <= 500_000));
      const bytes = kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      assert.ok(bytes <= bytesMax || ages.every((age) => age <= FRESH_SECONDS));
    }),
  );
});
