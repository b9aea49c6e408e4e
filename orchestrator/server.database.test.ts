import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { countJobs } from '@orca/database';
import { makeJob } from './testing/make-job.ts';
import { errorOf } from './testing/read-answer.ts';
import { startApi, type TestApi } from './testing/start-api.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const MIB = 1024 * 1024;

/** Writes bytes to the API as they are and returns all that comes back. */
async function sendRaw(api: TestApi, bytes: string): Promise<string> {
  const socket = connect(api.port, '127.0.0.1');
  socket.on('error', () => {}); // it may be cut while we still write
  socket.write(bytes);
  return text(socket);
}

test('the API takes a body of exactly 1 MiB and refuses one of a byte more', async () => {
  await using api = await startApi();
  const frame = JSON.stringify({ message: '' }).length;
  const validate = (bytes: number) =>
    api.request('/api/v1/validate_grading_script', {
      method: 'POST',
      headers: JSON_TYPE,
      body: JSON.stringify({ message: 'x'.repeat(bytes - frame) }),
    });
  assert.equal((await validate(MIB)).status, 200);
  assert.equal((await validate(MIB + 1)).status, 413);
});

test('the API takes uncompressed application/json only', async () => {
  await using api = await startApi();
  const body = JSON.stringify(makeJob());
  const rows: [Record<string, string>, number][] = [
    [{ 'content-type': 'text/plain' }, 415],
    [{ 'content-type': 'multipart/form-data; boundary=x' }, 415],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, 415],
    [{ 'content-type': 'application/jsonx' }, 415],
    [{ ...JSON_TYPE, 'content-encoding': 'gzip' }, 415],
    [{ 'content-type': 'application/json; charset=utf-8' }, 200],
    [{ ...JSON_TYPE, 'content-encoding': 'identity' }, 200],
  ];
  for (const [headers, status] of rows) {
    const answer = await api.request('/api/v1/grading_queue', { method: 'PUT', headers, body });
    assert.equal(answer.status, status, JSON.stringify(headers));
    if (status === 415) assert.match(errorOf(answer).text, /send/);
  }
  const bare = await sendRaw(
    api,
    `PUT /api/v1/grading_queue HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}`,
  );
  assert.match(bare, /^HTTP\/1\.1 415 /);
});

test('the public routes say what this is and how many jobs wait', async () => {
  await using api = await startApi({ production: true });
  await api.put(makeJob());
  for (const path of ['/status', '/api/v1/status']) {
    const answer = await api.request(path);
    assert.deepEqual(answer.body, { message: 'ok', numJobs: 0 });
  }
  const root = await api.request('/');
  assert.equal(root.status, 200);
  assert.match(JSON.stringify(root.body), /Orca/);
});

test('an unknown route, a broken path and a broken request are errors in the contract’s form', async () => {
  await using api = await startApi();
  for (const path of ['/api/v1/nope', '/nope', '/api/v1/grading_queue/17', '/api/v2/grading_queue']) {
    const answer = await api.request(path);
    assert.equal(answer.status, 404, path);
    assert.equal(errorOf(answer).code, 'not_found');
  }
  assert.equal(errorOf(await api.request('/%zz')).code, 'invalid_request');
  const rows: [string, number][] = [
    ['NOT HTTP AT ALL\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\nhost: x\r\nx-api-key: ${'k'.repeat(20_000)}\r\n\r\n`, 431],
    ['GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n', 400],
  ];
  for (const [bytes, status] of rows) {
    const answer = await sendRaw(api, bytes);
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), bytes.slice(0, 20));
    errorOf({ body: JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) });
  }
});

test('every answer carries its id and forbids browsers to make more of it', async () => {
  await using api = await startApi();
  for (const path of ['/', '/api/v1/status', '/nope', '/api/v1/grading_queue/1/status']) {
    const { headers } = await api.request(path);
    assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
  }
});

test('no page of another origin may write', async () => {
  await using api = await startApi();
  const headers = { origin: 'http://evil.example', 'access-control-request-method': 'PUT' };
  const preflight = await api.request('/api/v1/grading_queue', { method: 'OPTIONS', headers });
  assert.equal(preflight.headers.get('access-control-allow-origin'), null);
  const put = await api.put(makeJob(), { origin: 'http://evil.example' });
  assert.equal(put.headers.get('access-control-allow-origin'), null);
});

test('the API answers 503 with Retry-After while the database is away, and recovers by itself', async () => {
  await using api = await startApi();
  assert.equal((await api.put(makeJob())).status, 200);
  api.proxy.cut();
  for (const answer of [
    await api.put(makeJob({ key: 'k2' })),
    await api.request('/api/v1/status'),
    await api.request('/api/v1/grading_queue/1/status'),
  ]) {
    assert.equal(answer.status, 503);
    assert.match(String(errorOf(answer).code), /^(database_unreachable|outcome_unknown)$/);
    assert.ok(Number(answer.headers.get('retry-after')) >= 1);
  }
  api.proxy.mend();
  assert.equal((await api.put(makeJob({ key: 'k2' }))).status, 200);
});

test('a server that is about to end turns requests away with 503', async () => {
  await using api = await startApi();
  api.drain();
  const answer = await api.put(makeJob());
  assert.equal(answer.status, 503);
  assert.equal(errorOf(answer).code, 'draining');
  assert.ok(Number(answer.headers.get('retry-after')) >= 1);
  assert.equal(await countJobs(api.db), 0);
});
