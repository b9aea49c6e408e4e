import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startFakeEngine } from '@orca/docker/testing';
import { NoteError, openPulledImages } from './pulled-images.ts';

const WEEK = { keepSeconds: 7 * 86_400, bytesMax: 1_000 };
const DAY_MS = 86_400_000;

const root = await mkdtemp(join(tmpdir(), 'orca-pulled-test-'));
after(() => rm(root, { recursive: true }));
let folders = 0;

/** An engine that has these images, and what builds have fetched into it. */
async function open({
  has,
  inUse = [],
  onRemove = async () => undefined,
}: {
  has: readonly string[];
  inUse?: readonly string[];
  onRemove?: () => Promise<void>;
}) {
  const images = new Set(has);
  const fake = await startFakeEngine(async ({ method, url = '' }, response) => {
    const name = decodeURIComponent(url.replace(/^\/v[\d.]+\/images\/|\/json$/g, ''));
    const isKept = inUse.includes(name);
    if (method === 'DELETE') await onRemove();
    if (method === 'DELETE' && isKept) response.statusCode = 409;
    else if (!images.has(name)) response.statusCode = 404;
    if (method === 'DELETE' && !isKept) images.delete(name);
    response.end(JSON.stringify(method === 'GET' ? { Id: 'sha256:1', Size: 400, RepoTags: [name] } : []));
  });
  const folder = join(root, String(++folders));
  /** Makes all that is noted so many days older. */
  const age = async (days: number): Promise<void> => {
    const then = new Date(Date.now() - days * DAY_MS);
    for (const name of await readdir(folder)) await utimes(join(folder, name), then, then);
  };
  const reopen = () => openPulledImages(folder, fake.engine);
  return { images, folder, age, reopen, [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose]() };
}

test('sweep() removes what a build has fetched and none began with for long, also of a builder that died', async () => {
  await using box = await open({ has: ['debian:12', 'maven', 'mine'] });
  const pulled = box.reopen();
  assert.deepEqual(await pulled.sweep(WEEK), [], 'nothing was fetched yet');
  await pulled.note('debian:12');
  await pulled.note('maven');
  await box.age(8);
  await pulled.touch('maven');
  await pulled.touch('mine');
  assert.deepEqual(await box.reopen().sweep(WEEK, AbortSignal.abort()), []);
  assert.deepEqual(await box.reopen().sweep(WEEK), ['debian:12']);
  assert.deepEqual([...box.images], ['maven', 'mine']);
  await box.age(8);
  assert.deepEqual(await box.reopen().sweep(WEEK), ['maven']);
  assert.deepEqual([...box.images], ['mine'], 'what was there before stays');
  assert.deepEqual(await readdir(box.folder), []);
});

test('sweep() removes first what was used longest ago where it is too much together, and nothing fresh', async () => {
  await using box = await open({ has: ['a', 'b', 'c'] });
  const pulled = box.reopen();
  for (const reference of ['a', 'b', 'c']) await pulled.note(reference);
  await box.age(1);
  await pulled.touch('a');
  await pulled.touch('c');
  assert.deepEqual(await pulled.sweep(WEEK), ['b']);
  assert.deepEqual(await pulled.sweep({ ...WEEK, bytesMax: 0 }), [], 'builds may have just begun with them');
});

test('sweep() leaves what is in use, and forgets what is gone, and what a crash left of a note', async () => {
  await using box = await open({ has: ['used'], inUse: ['used'] });
  const pulled = box.reopen();
  await pulled.note('used');
  await pulled.note('gone');
  await writeFile(join(box.folder, 'half'), '');
  assert.deepEqual(await pulled.sweep(WEEK), []);
  assert.equal((await readdir(box.folder)).length, 3, 'what is not there may be on its way');
  await box.age(8);
  assert.deepEqual(await pulled.sweep(WEEK), []);
  assert.equal((await readdir(box.folder)).length, 1);
  assert.deepEqual([...box.images], ['used']);
});

test('sweep() leaves what is somebody else’s: what did not come and was forgotten, whoever brought it later', async () => {
  await using box = await open({ has: [] });
  const pulled = box.reopen();
  await pulled.note('debian:12');
  await pulled.forget('debian:12');
  await pulled.forget('debian:12');
  box.images.add('debian:12');
  await pulled.touch('debian:12');
  await box.age(8);
  assert.deepEqual(await pulled.sweep(WEEK), []);
  assert.deepEqual([...box.images], ['debian:12']);
});

test('sweep() leaves what a build begins with while another is removed', async () => {
  const touchAll = async (): Promise<void> => {
    for (const reference of ['a', 'b']) await pulled.touch(reference);
  };
  await using box = await open({ has: ['a', 'b'], onRemove: touchAll });
  const pulled = box.reopen();
  for (const reference of ['a', 'b']) await pulled.note(reference);
  await box.age(8);
  assert.equal((await pulled.sweep(WEEK)).length, 1);
  assert.equal(box.images.size, 1);
});

test('note() says what cannot be written down, touch() and forget() say nothing, and probe() finds when it can again', async () => {
  await using box = await open({ has: [] });
  const pulled = box.reopen();
  await pulled.probe();
  await writeFile(box.folder, 'no folder');
  await pulled.probe();
  await pulled.touch('a');
  await pulled.forget('a');
  await assert.rejects(pulled.note('a'), NoteError);
  await assert.rejects(pulled.probe(), { code: 'EEXIST' });
  await rm(box.folder);
  await pulled.probe();
  assert.deepEqual(await readdir(box.folder), []);
  await pulled.note('a');
  assert.equal((await readdir(box.folder)).length, 1);
});
