import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '@orca/docker';
import { startFakeEngine } from '@orca/docker/testing';
import { BaseMissingError } from './base-image.ts';
import { type EngineImages, openImages } from './ensure-image.ts';

const SHA = 'a'.repeat(64);
const NEVER = new AbortController().signal;

function open(engine: Engine, baseKnownMs?: number): EngineImages {
  return openImages({
    ...{ engine, installationId: 'i', folder: '/nowhere', times: { silenceMs: 1, totalMs: 1 } },
    source: {
      find: async () => ({ kind: 'everywhere' }),
      download: () => Promise.reject(new Error('asked')),
    },
    onEvent: () => undefined,
    ...(baseKnownMs === undefined ? {} : { baseKnownMs }),
  });
}

test('ensure() puts off a job whose base image is not in the engine, and finds it once it has been loaded', async () => {
  let isLoaded = false;
  await using fake = await startFakeEngine(({ url }, response) => {
    assert.equal(url, '/v1.41/images/orca-grader-base%3Alatest/json');
    response
      .writeHead(isLoaded ? 200 : 404)
      .end(JSON.stringify({ Id: 'sha256:1', Size: 1, message: 'none' }));
  });
  const images = open(fake.engine);
  for (let job = 0; job < 3; job += 1) {
    const image = await images.ensure(SHA, NEVER);
    assert.ok(image.kind === 'away', image.kind);
    assert.ok(image.cause instanceof BaseMissingError);
    assert.match(
      image.sentence,
      /^Cannot start the grader image: "orca-grader-base:latest" is not in the engine: copy/,
    );
  }
  isLoaded = true;
  assert.deepEqual(await images.ensure(SHA, NEVER), { kind: 'present', imageId: 'sha256:1' });
});

test('ensure() needs no look of its own for a base image that jobs come for', async () => {
  let looks = 0;
  await using fake = await startFakeEngine((_request, response) => {
    looks += 1;
    response.end(JSON.stringify({ Id: `sha256:${looks}`, Size: 1 }));
  });
  const images = open(fake.engine, 200);
  await images.ensure(SHA, NEVER);
  const giveUpAt = performance.now() + 10_000;
  while (looks < 3 && performance.now() < giveUpAt) await sleep(20);
  assert.ok(looks >= 3, 'it is looked for though no job has come since');
});
