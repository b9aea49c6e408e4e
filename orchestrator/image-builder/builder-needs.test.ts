import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Database } from '@orca/database';
import { EngineError } from '@orca/docker';
import { startFakeEngine } from '@orca/docker/testing';
import { markStore } from '../store-marker.ts';
import { needBaseImage, needEngine, needImageStore } from './builder-needs.ts';
import { openImageStore } from './image-store.ts';
import { NoteError, openPulledImages } from './pulled-images.ts';

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

test('needImageStore() fails while what builds fetch cannot be noted, once it could not', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'orca-needs-test-'));
  t.after(() => rm(folder, { recursive: true }));
  await markStore(folder);
  const unasked = async (): Promise<never> => assert.fail('a marked store needs no look at the database');
  const db: Database = {
    ...{ url: 'postgres://nowhere', room: { isInDoubt: false } },
    ...{ query: unasked, batch: unasked, transaction: unasked, [Symbol.asyncDispose]: async () => {} },
  };
  await using fake = await startFakeEngine((_request, response) => void response.end());
  const notes = join(folder, 'pulled');
  const pulled = openPulledImages(notes, fake.engine);
  const need = needImageStore(folder, { db, store: await openImageStore(folder), pulled });
  const trouble = async () => (await need.check(NEVER))?.trouble ?? null;
  await writeFile(notes, 'no folder');
  assert.equal(await trouble(), null);
  await assert.rejects(pulled.note('debian:12'), NoteError);
  assert.equal(await trouble(), 'the folder of saved images cannot be written to');
  await rm(notes);
  assert.equal(await trouble(), null);
});
