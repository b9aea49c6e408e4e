import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { listContainers } from './containers.ts';
import { inspectImage } from './inspect-image.ts';
import { connectTestEngine } from './testing/test-engine.ts';
import { tryContainer } from './try-container.ts';

test('tryContainer() goes all the way with a real engine, and leaves nothing', async () => {
  const engine = await connectTestEngine();
  const labels = { 'orca.docker-test': randomUUID() };
  const image = `orca-engine-probe:${randomUUID()}`;
  await tryContainer(engine, { image, labels }, AbortSignal.timeout(60_000));
  assert.deepEqual(await listContainers(engine, { labels }), []);
  assert.equal(await inspectImage(engine, image), null);
});
