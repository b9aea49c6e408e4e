import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { inspectImage, listImages } from '@orca/docker';
import { IMAGE_INSTALLATION_LABEL, sweepImages } from './sweep-images.ts';
import { NEVER, openTestImages, SHA } from './testing/open-test-images.ts';

const opened = await openTestImages();
after(() => opened[Symbol.asyncDispose]());
const { engine, installationId, reference, open } = opened;

test('sweepImages() removes what was not used for long, and nothing that is needed or somebody else’s', async () => {
  const old = new Date(Date.now() - 10 * 86_400_000);
  const deps = {
    ...{ engine, installationId, strayMs: 3_600_000 },
    retention: { keepSeconds: 7 * 86_400, bytesMax: 1e15 },
    lastUses: async () => [{ sha: SHA, lastUsedAt: old }],
    needed: async (): Promise<ReadonlySet<string>> => new Set(),
  };
  await open({}).images.ensure(SHA, NEVER);
  const other = { ...deps, installationId: randomUUID() };
  assert.deepEqual((await sweepImages(other)).removed, []);
  assert.deepEqual((await sweepImages({ ...deps, needed: async () => new Set([SHA]) })).removed, []);
  const fresh = async () => [{ sha: SHA, lastUsedAt: new Date() }];
  assert.deepEqual((await sweepImages({ ...deps, lastUses: fresh })).removed, []);
  assert.notEqual(await inspectImage(engine, reference), null);
  assert.deepEqual((await sweepImages(deps)).removed, [SHA]);
  const labels = { [IMAGE_INSTALLATION_LABEL]: installationId };
  assert.deepEqual(await listImages(engine, { labels }), []);
});
