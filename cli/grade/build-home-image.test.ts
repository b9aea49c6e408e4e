import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListedImage } from '@orca/docker';
import { chooseStale } from './build-home-image.ts';

const NOW = Date.parse('2026-09-30T12:00:00Z');
const DAY_MS = 86_400_000;
const CURRENT = { id: 'sha256:now', pathHash: 'p', now: NOW };

function image(id: string, facts: Partial<ListedImage>): ListedImage {
  const createdAt = new Date(NOW - DAY_MS);
  return { id, tags: [], parentId: null, createdAt, sizeBytes: 1, labels: {}, ...facts };
}

for (const [what, facts, isStale] of [
  ['what the same Dockerfile was before', { labels: { 'orca.at-home': 'p' } }, true],
  ['what another Dockerfile is', { labels: { 'orca.at-home': 'q' } }, false],
  [
    'what is older than a week',
    { labels: { 'orca.at-home': 'q' }, createdAt: new Date(NOW - 8 * DAY_MS) },
    true,
  ],
  [
    'what an earlier version has left',
    { tags: ['orca-at-home:1'], createdAt: new Date(NOW - 8 * DAY_MS) },
    true,
  ],
  ['an image of somebody else', { tags: ['ubuntu:22.04'], createdAt: new Date(0) }, false],
] as const)
  test(`chooseStale() ${isStale ? 'takes' : 'leaves'} ${what}`, () => {
    const tags = 'tags' in facts ? [...facts.tags] : [];
    const stale = chooseStale([image('sha256:x', { ...facts, tags })], CURRENT);
    assert.equal(stale.length === 1, isStale);
  });

test('chooseStale() leaves what was built just now, however old its layers are', () => {
  const old = image('sha256:now', { labels: { 'orca.at-home': 'p' }, createdAt: new Date(0) });
  assert.deepEqual(chooseStale([old], CURRENT), []);
});
