import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectEngine, inspectImage, listContainers, removeContainer } from '@orca/docker';
import { BASE_IMAGE } from './base-image.ts';
import { INSTALLATION_LABEL } from './sandbox/remove-orphans.ts';
import { smokeRun } from './smoke-run.ts';

const NEVER = new AbortController().signal;
const engine = await connectEngine();
const base = (await inspectImage(engine, BASE_IMAGE)) ?? assert.fail('there is no base image');
const images = { imageId: base.id, baseId: base.id };

function makeSetup() {
  return {
    engine,
    installationId: randomUUID(),
    workerId: 'w',
    onLeftover: () => assert.fail('one is left'),
  };
}

test('smokeRun() passes an image that does for jobs', async () => {
  assert.deepEqual(await smokeRun(images, makeSetup(), NEVER), { kind: 'passed' });
});

test('smokeRun() blames no image whose container somebody has removed', async () => {
  const setup = makeSetup();
  const labels = { [INSTALLATION_LABEL]: setup.installationId };
  const stop = new AbortController();
  const removeSecond = async (): Promise<void> => {
    const seen = new Set<string>();
    while (!stop.signal.aborted) {
      for (const { id } of await listContainers(engine, { labels })) {
        seen.add(id);
        if (seen.size > 1) await removeContainer(engine, id);
      }
      await sleep(5);
    }
  };
  const removing = removeSecond();
  try {
    await assert.rejects(smokeRun(images, setup, NEVER));
  } finally {
    stop.abort();
    await removing;
  }
});
