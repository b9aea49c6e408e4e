import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '@orca/docker';
import { startFakeEngine } from '@orca/docker/testing';
import { needBaseImage, needEngine } from './builder-needs.ts';

const NEVER = new AbortController().signal;
const LATE = new EngineError('engine_timeout', 'late');

test('needEngine() believes an engine in doubt once it has written an image and made a container', async () => {
  let fault: 'full' | 'hangs' | null = 'full';
  const asked: string[] = [];
  await using fake = await startFakeEngine(({ method, url = '' }, response) => {
    if (method === 'POST') asked.push(url.replace(/^\/v[\d.]+|\?.*/g, ''));
    response.req.resume().on('end', () => {
      if (url.includes('/images/create') && fault === 'full')
        response.end(`${JSON.stringify({ error: 'mkdir /x: no space left on device' })}\n`);
      else if (url.includes('/containers/create') && fault === 'hangs') response.socket?.destroy();
      else response.end(JSON.stringify({ Id: 'x', Size: 1, ApiVersion: '1.41', MinAPIVersion: '1.12' }));
    });
  });
  const need = needEngine(fake.dockerHost, 'i');
  const trouble = async () => (await need.check(NEVER))?.trouble ?? null;
  need.doubt(new Error('not of the engine'));
  assert.equal(await trouble(), null);
  assert.deepEqual(asked, [], 'an engine that nobody doubts is not tried');
  need.doubt(LATE);
  assert.equal(await trouble(), 'the disk of the container engine is full');
  fault = 'hangs';
  assert.equal(await trouble(), 'the container engine does not answer');
  fault = null;
  assert.equal(await trouble(), null);
  const { length } = asked;
  assert.equal(await trouble(), null);
  assert.equal(asked.length, length, 'the doubt is settled');
});

test('needBaseImage() says what to do while the engine has no base image, and nothing while that does not answer', async () => {
  let status = 404;
  const asked = new Set<string>();
  await using fake = await startFakeEngine(({ url = '' }, response) => {
    asked.add(url);
    response.writeHead(status).end(JSON.stringify({ Id: 'sha256:1', Size: 1, message: 'No such image' }));
  });
  const need = needBaseImage(fake.engine);
  assert.equal(need.name, 'base_image');
  assert.deepEqual(await need.check(NEVER), {
    trouble:
      'the base image "orca-grader-base:latest" is not in the container engine (DEPLOYMENT.md, step 3)',
    detail: 'DEPLOYMENT.md, step 3, says how to make it (outside of production, ./orca up does)',
  });
  status = 500;
  assert.equal(await need.check(NEVER), null, 'the need of an engine tells of that');
  assert.equal(await need.check(AbortSignal.abort()), null);
  status = 200;
  assert.equal(await need.check(NEVER), null);
  assert.deepEqual([...asked], ['/v1.41/images/orca-grader-base%3Alatest/json']);
});
