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
    ...{ strayMs: 3_600_000, lastUses: async () => [] },
    needed: async (): Promise<ReadonlySet<string>> => new Set(),
  };
  assert.deepEqual(await sweepImages(deps, stop.signal), { removed: ['a'], strays: 0 });
  assert.deepEqual(asked, ['GET /v1.41/images/json', 'DELETE /v1.41/images/orca-grader%3Aa']);
});

test('sweepImages() removes unnamed layers on the base once no build can have made them any more', async () => {
  const ageMs = 2 * 3_600_000;
  const layer = {
    Id: 'sha256:layer',
    RepoTags: null,
    Created: Math.floor((Date.now() - ageMs) / 1_000),
    Size: 1,
    Labels: null,
  };
  const removed: string[] = [];
  await using fake = await startFakeEngine(({ method, url = '' }, response) => {
    if (method === 'DELETE') removed.push(url);
    const isBase = url.includes('orca-grader-base');
    const state = {
      Id: isBase ? 'sha256:base' : layer.Id,
      Size: 1,
      RootFS: { Layers: isBase ? ['a'] : ['a', 'b'] },
    };
    const said =
      method === 'DELETE' ? [] : url.includes('/json?') ? (url.includes('dangling') ? [layer] : []) : state;
    response.end(JSON.stringify(said));
  });
  const deps = {
    ...{ engine: fake.engine, installationId: 'i', retention: { keepSeconds: 0, bytesMax: 0 } },
    lastUses: async () => [],
    needed: async (): Promise<ReadonlySet<string>> => new Set(),
  };
  assert.equal((await sweepImages({ ...deps, strayMs: ageMs * 2 })).strays, 0);
  assert.deepEqual(removed, []);
  assert.equal((await sweepImages({ ...deps, strayMs: ageMs / 2 })).strays, 1);
  assert.equal(removed.length, 1);
});
