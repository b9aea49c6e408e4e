import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerWith, startFakeEngine } from './testing/fake-engine.ts';
import { importEmptyImage, tryContainer } from './try-container.ts';

const NEVER = new AbortController().signal;
const PROBE = { image: 'orca-engine-probe:w', labels: {} };

test('importEmptyImage() gives up on an engine that begins to answer and does not end', async () => {
  await using fake = await startFakeEngine((_request, response) => void response.write('{"status":"x"}\n'));
  await assert.rejects(importEmptyImage(fake.engine, PROBE.image, NEVER, 100), { code: 'engine_timeout' });
  const stop = AbortSignal.abort(new Error('stopped'));
  await assert.rejects(importEmptyImage(fake.engine, PROBE.image, stop, 100), /stopped/);
});

test('tryContainer() takes what an engine refuses for an answer, and asks for all the rest', async () => {
  const asked: string[] = [];
  await using fake = await startFakeEngine(({ method, url }, response) => {
    asked.push(`${method} ${url?.replace(/^\/v1.41|\?.*|probe-[0-9a-f-]{36}/g, '')}`);
    response.statusCode = 500;
    answerWith(response, [{ message: 'no' }]);
  });
  await tryContainer(fake.engine, PROBE, NEVER);
  assert.deepEqual(asked, [
    'POST /images/create',
    'POST /containers/create',
    'POST /containers/orca-/start',
    'DELETE /containers/orca-',
    'DELETE /images/orca-engine-probe%3Aw',
  ]);
});
