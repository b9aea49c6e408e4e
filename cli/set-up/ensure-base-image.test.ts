import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectEngine } from '@orca/docker';
import { REPOSITORY } from '../repository.ts';
import { makeTemporaryFolder } from '../grade/temporary-folder.ts';
import { BASE_DOCKERFILE, ensureBaseImage, hashInputs, INPUTS_LABEL } from './ensure-base-image.ts';

const FORMER = `sha256:${'a'.repeat(64)}`;
const BUILT = `sha256:${'b'.repeat(64)}`;
const ENV = { ORCA_BASE_IMAGE: 'debian:12' };

/** Lets `ensureBaseImage()` work on an engine that only pretends, with a base image of these labels; `null`: with none. */
async function ensureWith(labels: Record<string, string> | null) {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await makeTemporaryFolder());
  const changes: string[] = [];
  let image = labels === null ? null : imageOf(FORMER, labels);
  const server = createServer(async (request, response) => {
    const { method, url = '' } = request;
    for await (const _ of request);
    if (method !== 'GET')
      changes.push(
        `${method} ${decodeURIComponent(new URL(url, 'http://engine').pathname).replace(/^\/v[^/]+/, '')}`,
      );
    if (method === 'POST') image = imageOf(BUILT, {});
    const answer = /\/version$/.test(url)
      ? { ApiVersion: '1.41' }
      : /debian/.test(url)
        ? imageOf(FORMER, {})
        : image;
    response.statusCode = answer === null ? 404 : 200;
    response.end(JSON.stringify(method === 'POST' ? { aux: { ID: BUILT } } : answer));
  });
  const path = join(folder.path, 'engine.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  opened.defer(() => void server.close());
  opened.defer(() => server.closeAllConnections());
  const said: string[] = [];
  const progress = {
    say: (line: string) => void said.push(line),
    step: <T>(_: string, work: (detail: (text: string) => void) => Promise<T>) => work(() => undefined),
  };
  const engine = await connectEngine(`unix://${path}`);
  await ensureBaseImage({ engine, env: ENV, progress, mayPull: false }, AbortSignal.timeout(60_000));
  return { changes, said };
}

function imageOf(id: string, labels: Record<string, string>) {
  return { Id: id, Size: 1, Config: { Labels: labels }, RootFS: { Layers: [] } };
}

test('ensureBaseImage() keeps an image that was built by hand, and says how to have it built', async () => {
  const { changes, said } = await ensureWith({});
  assert.deepEqual(changes, []);
  assert.deepEqual(said, [
    'orca-grader-base:latest was built by hand and is kept; to have Orca build it, remove it first: docker image rm orca-grader-base:latest',
  ]);
});

test('ensureBaseImage() leaves an image alone that is as this checkout makes it', async () => {
  const dockerfile = await readFile(join(REPOSITORY.workerFolder, BASE_DOCKERFILE), 'utf8');
  const hash = hashInputs({ dockerfile, nodeVersion: process.version, base: ENV.ORCA_BASE_IMAGE });
  assert.deepEqual(await ensureWith({ [INPUTS_LABEL]: hash }), { changes: [], said: [] });
});

test('ensureBaseImage() builds anew what another checkout has built, and removes that', async () => {
  const { changes, said } = await ensureWith({ [INPUTS_LABEL]: 'of another' });
  assert.deepEqual(changes, ['POST /build', `DELETE /images/${FORMER}`]);
  assert.deepEqual(said, []);
});

test('ensureBaseImage() builds an image where there is none', async () => {
  assert.deepEqual((await ensureWith(null)).changes, ['POST /build']);
});
