import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readlink, rm, truncate } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { API_ERRORS, baseImageSha } from '@orca/protocol';
import { imageProgress, requestImage, retireWorker } from '@orca/database';
import { passTime } from '@orca/database/testing';
import { makeArchive, makeWorker, shaOfText } from '../testing/make-image.ts';
import { errorOf } from '../testing/read-answer.ts';
import { startApi, type TestApi, type TestApiOptions } from '../testing/start-api.ts';
import { checkServer } from './health.ts';

const DEADLINE_MS = 30_000;
/** More than sockets and pipes hold. */
const LARGE_BYTES = 64 * 1024 * 1024;
/** After so many bytes a slow worker rests. */
const REST_BYTES = 2 * 1024 * 1024;
const STALL_MS = 1_000;

/** An API with a folder of images, one image in it and one worker. */
async function startStore(options: Omit<TestApiOptions, 'imageFolder'> & { bytes?: Buffer } = {}) {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'orca-images-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const api = opened.use(await startApi({ ...options, imageFolder: folder }));
  const image = await makeArchive(api.db, folder, options.bytes);
  const worker = await makeWorker(api.db);
  const stack = opened.move();
  return { api, folder, image, worker, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Begins a download and reads nothing of it. */
async function beginDownload(api: TestApi, sha: string, authorization: string): Promise<IncomingMessage> {
  const request = httpRequest(`${api.url}/images/${sha}.tgz`, { headers: { authorization } });
  request.on('error', () => undefined); // it may be cut
  request.end();
  const [answer]: IncomingMessage[] = await once(request, 'response');
  assert.ok(answer !== undefined);
  answer.on('error', () => undefined);
  return answer;
}

/** Waits until this process has none, or some, of a folder's files open. */
async function untilOpenFiles(folder: string, isRight: (open: number) => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const names = await readdir('/proc/self/fd');
    const links = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
    const open = links.filter((link) => link.startsWith(folder)).length;
    if (isRight(open)) return;
    assert.ok(performance.now() < deadline, `${open} files are open`);
    await delay(20);
  }
}

test('GET /images/:sha.tgz sends a worker the file as it is, under both paths', async () => {
  await using store = await startStore();
  const { api, image, worker } = store;
  for (const route of ['/images', '/api/v1/images']) {
    const answer = await fetch(`${api.url}${route}/${image.sha}.tgz`, {
      headers: { authorization: worker.authorization, 'accept-encoding': 'gzip, br' },
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'application/gzip');
    assert.equal(answer.headers.get('content-encoding'), null);
    assert.equal(answer.headers.get('content-length'), String(image.bytes.length));
    assert.equal(answer.headers.get('etag'), `"${image.archiveSha256.toString('hex')}"`);
    assert.ok(image.bytes.equals(Buffer.from(await answer.arrayBuffer())));
  }
  await untilOpenFiles(store.folder, (open) => open === 0);
});

test('GET /images/:sha.tgz goes on from the byte that a worker names with what it has, and sends the whole otherwise', async () => {
  await using store = await startStore();
  const { api, image, worker } = store;
  const etag = `"${image.archiveSha256.toString('hex')}"`;
  const { length } = image.bytes;
  const ask = async (headers: Record<string, string>) => {
    const answer = await fetch(`${api.url}/images/${image.sha}.tgz`, { headers: { ...worker, ...headers } });
    const bytes = Buffer.from(await answer.arrayBuffer());
    return { status: answer.status, range: answer.headers.get('content-range'), bytes };
  };
  for (const from of [1, 60_000, length - 1]) {
    const rest = await ask({ range: `bytes=${from}-`, 'if-range': etag });
    assert.deepEqual([rest.status, rest.range], [206, `bytes ${from}-${length - 1}/${length}`]);
    assert.ok(rest.bytes.equals(image.bytes.subarray(from)));
  }
  assert.equal((await ask({ range: 'bytes=7-' })).status, 206);
  for (const headers of [
    { range: 'bytes=7-', 'if-range': '"another"' },
    { range: `bytes=${length}-`, 'if-range': etag },
    { range: 'bytes=0-', 'if-range': etag },
    ...['bytes=-7', 'bytes=1-2', 'bytes=1-,4-', 'bytes=x-', 'lines=7-'].map((range) => ({ range })),
  ]) {
    const whole = await ask(headers);
    assert.deepEqual([whole.status, whole.range], [200, null], JSON.stringify(headers));
    assert.ok(whole.bytes.equals(image.bytes));
  }
  await untilOpenFiles(store.folder, (open) => open === 0);
});

test('HEAD /images/:sha.tgz says how large it is, and sends nothing', async () => {
  await using store = await startStore();
  const { api, image, worker } = store;
  const headers = { authorization: worker.authorization };
  const answer = await fetch(`${api.url}/images/${image.sha}.tgz`, { method: 'HEAD', headers });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-length'), String(image.bytes.length));
  assert.equal((await answer.arrayBuffer()).byteLength, 0);
  await untilOpenFiles(store.folder, (open) => open === 0);
  assert.equal((await fetch(`${api.url}/images/${image.sha}.tgz`, { method: 'HEAD' })).status, 401);
});

test('GET /images/:sha.tgz answers every wrong token alike: none, another’s, a retired or a dead worker’s, an API key', async () => {
  await using store = await startStore();
  const { api, image, worker } = store;
  const other = await makeWorker(api.db);
  const retired = await makeWorker(api.db);
  await retireWorker(api.db, retired.workerId);
  const token = worker.authorization.slice(-64);
  const wrong: Record<string, string>[] = [
    {},
    { authorization: '' },
    { authorization: `Bearer ${worker.workerId}` },
    { authorization: `Bearer ${worker.workerId}.` },
    { authorization: `Bearer ${worker.workerId}.${token.slice(2)}` },
    { authorization: `Bearer ${worker.workerId}.${'0'.repeat(64)}` },
    { authorization: `Bearer ${worker.workerId}.${token}00` },
    { authorization: `Bearer ${worker.workerId}.${token}'; drop table` },
    { authorization: `Bearer ${other.workerId}.${token}` },
    { authorization: `Bearer ${randomUUID()}.${token}` },
    { authorization: `Bearer ${'x'.repeat(36)}.${token}` },
    { authorization: `Basic ${worker.workerId}.${token}` },
    { authorization: retired.authorization },
    { 'x-api-key': worker.authorization },
  ];
  const shown = async (headers: Record<string, string>, sha = image.sha) => {
    const answer = await api.request(`/images/${sha}.tgz`, { headers });
    const { request_id, ...body } = Object(answer.body);
    assert.equal(typeof request_id, 'string');
    return { status: answer.status, ...body };
  };
  const expected = await shown({});
  assert.equal(expected.status, 401);
  assert.equal(expected.code, 'unauthorized');
  for (const headers of wrong) assert.deepEqual(await shown(headers), expected, JSON.stringify(headers));
  assert.deepEqual(await shown({}, 'a'.repeat(64)), expected, 'nor does it tell which images there are');
  await passTime(api.proxy.url, 61);
  assert.deepEqual(await shown({ authorization: worker.authorization }), expected, 'a dead worker');
  assert.ok(!api.log().includes(token));
});

test('GET /images/:sha.tgz has no image that is not ready, is the base, or has no such name', async () => {
  await using store = await startStore();
  const { api, worker } = store;
  const dockerfile = 'FROM orca-grader-base\nRUN true\n';
  const sha = shaOfText(dockerfile);
  await requestImage(api.db, { sha, dockerfile, recipient: null, askedBy: 'a test' });
  const names = [sha, baseImageSha(), 'a'.repeat(64), 'A'.repeat(64), 'x', '..%2f..%2fetc%2fpasswd', '%00'];
  for (const name of names) {
    const answer = await api.request(`/images/${name}.tgz`, { headers: { ...worker } });
    assert.equal(answer.status, 404, name);
    assert.equal(errorOf(answer).code, 'not_found');
  }
  const bare = await api.request(`/images/${store.image.sha}`, { headers: { ...worker } });
  assert.equal(bare.status, 404);
});

test('GET /images/:sha.tgz notes an archive that is gone or has another size: the image counts as pruned', async () => {
  for (const spoil of [(file: string) => rm(file), (file: string) => truncate(file, 99_999)]) {
    await using store = await startStore();
    const { api, image, worker } = store;
    await spoil(image.file);
    const answer = await api.request(`/images/${image.sha}.tgz`, { headers: { ...worker } });
    assert.equal(answer.status, 404);
    assert.deepEqual(await imageProgress(api.db, image.sha), { kind: 'pruned' });
    assert.match(api.log(), /"level":"warn".*the archive of an image is lost/);
    await untilOpenFiles(store.folder, (open) => open === 0);
  }
});

test('GET /images/:sha.tgz is asked again later where the folder is not there, or an empty mount point: no image is given up, no folder made', async () => {
  await using store = await startStore();
  const { api, folder, image, worker } = store;
  const isAway = async (): Promise<void> => {
    const answer = await api.request(`/images/${image.sha}.tgz`, { headers: { ...worker } });
    assert.equal(answer.status, 503);
    assert.equal(errorOf(answer).code, 'image_store_away');
    assert.equal(errorOf(answer).text, API_ERRORS.image_store_away.meaning);
    assert.equal(answer.headers.get('retry-after'), '60');
    assert.deepEqual(await imageProgress(api.db, image.sha), { kind: 'ready' });
  };
  await rm(folder, { recursive: true });
  await isAway();
  assert.match(api.log(), /"level":"error".*the store of images is not there/);
  await assert.rejects(readdir(folder), { code: 'ENOENT' });
  await mkdir(folder);
  await isAway();
  const ready = await api.request('/readyz');
  assert.match(JSON.stringify(ready.body), /"image_store":"the folder of saved images is empty: the disk/);
  assert.equal(ready.status, 200, 'load balancers leave it where it is: jobs are taken');
  assert.match(JSON.stringify(ready.body), /^\{"status":"ready",/);
  assert.match((await checkServer(api.db, folder))['image_store'] ?? '', /is empty/, 'monitoring is told');
});

test('a worker that goes away in the middle of a download leaves no file open', async () => {
  await using store = await startStore({ bytes: Buffer.alloc(LARGE_BYTES, 7) });
  const { api, folder, image, worker } = store;
  const answers = [];
  for (let download = 0; download < 5; download += 1)
    answers.push(await beginDownload(api, image.sha, worker.authorization));
  await untilOpenFiles(folder, (open) => open === 5);
  for (const answer of answers) answer.destroy();
  await untilOpenFiles(folder, (open) => open === 0);
  assert.equal((await api.request('/api/v1/status')).status, 200);
});

test('a download that does not move is given up, one that moves slowly is not', async () => {
  await using store = await startStore({ bytes: Buffer.alloc(LARGE_BYTES, 7), downloadStallMs: STALL_MS });
  const { api, folder, image, worker } = store;
  const slow = await beginDownload(api, image.sha, worker.authorization);
  const stalled = await beginDownload(api, image.sha, worker.authorization);
  const startedAt = performance.now();
  assert.equal(await readSlowly(slow), LARGE_BYTES);
  assert.ok(performance.now() - startedAt > 2 * STALL_MS, 'it took longer than a stalled one may');
  await assert.rejects(readSlowly(stalled), { code: 'ECONNRESET' });
  await untilOpenFiles(folder, (open) => open === 0);
});

/** Rests often, each time for a fraction of what a download may stand still. */
async function readSlowly(answer: IncomingMessage): Promise<number> {
  let bytes = 0;
  let isTold = 0;
  for await (const chunk of answer) {
    bytes += chunk.length;
    if (Math.floor(bytes / REST_BYTES) === isTold) continue;
    isTold = Math.floor(bytes / REST_BYTES);
    await delay(STALL_MS / 8);
  }
  return bytes;
}
