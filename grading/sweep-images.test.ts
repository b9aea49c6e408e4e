import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFakeEngine } from '@orca/docker/testing';
import { IMAGE_SHA_LABEL, sweepImages } from './sweep-images.ts';

const LISTED = ['a', 'b', 'c'].map((sha) => ({
  Id: `sha256:${sha}`,
  RepoTags: [`orca-grader:${sha}`],
  Created: 0,
  Size: 1,
  Labels: { [IMAGE_SHA_LABEL]: sha },
}));

test('sweepImages() removes no further image once its signal has aborted', async () => {
  const stop = new AbortController();
  const asked: string[] = [];
  await using fake = await startFakeEngine(({ method, url }, response) => {
    asked.push(`${method} ${url?.replace(/\?.*/, '')}`);
    if (method === 'DELETE') stop.abort();
    response.end(JSON.stringify(method === 'DELETE' ? [] : LISTED));
  });
  const deps = {
    ...{ engine: fake.engine, installationId: 'i', retention: { keepSeconds: 0, bytesMax: 0 } },
    lastUses: async () => [],
    needed: async (): Promise<ReadonlySet<string>> => new Set(),
  };
  assert.deepEqual(await sweepImages(deps, stop.signal), { removed: ['a'], strays: 0 });
  assert.deepEqual(asked, ['GET /v1.41/images/json', 'DELETE /v1.41/images/orca-grader%3Aa']);
});
