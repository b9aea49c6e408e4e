import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { countJobs } from '@orca/database';
import { addKey } from './testing/add-key.ts';
import { makeJob } from './testing/make-job.ts';
import { errorOf } from './testing/read-answer.ts';
import { startApi, type TestApi } from './testing/start-api.ts';

test('a key that sends its burst is served, and past it answered 503 with Retry-After; other keys are not held up', async () => {
  const burst = 5;
  await using api = await startApi({ keyRate: { perSecond: 0.01, burst } });
  await addKey(api.db, 'busy');
  await addKey(api.db, 'calm');
  for (let at = 0; at < burst; at += 1)
    assert.equal((await api.put(makeJob({ key: `${at}` }), { 'x-api-key': 'busy' })).status, 200);
  const past = await api.put(makeJob({ key: 'past' }), { 'x-api-key': 'busy' });
  assert.equal(past.status, 503, 'the existing client gives up on 429');
  assert.equal(errorOf(past).code, 'overloaded');
  assert.ok(Number(past.headers.get('retry-after')) >= 1);
  assert.equal(await countJobs(api.db), burst);
  assert.equal((await api.put(makeJob({ key: 'calm' }), { 'x-api-key': 'calm' })).status, 200);
});

test('a parameter of a path may have 1,024 characters, and is answered 414 with one more', async () => {
  await using api = await startApi();
  const status = async (length: number) => api.request(`/api/v1/grading_queue/${'9'.repeat(length)}/status`);
  assert.equal(errorOf(await status(1_024)).code, 'invalid_request');
  const past = await status(1_025);
  assert.equal(past.status, 414);
  assert.equal(errorOf(past).code, 'uri_too_long');
});

test('headers may have 16 KiB, and are answered 431 beyond', async () => {
  await using api = await startApi();
  const send = async (bytes: number) => {
    const socket = connect(api.port, '127.0.0.1');
    socket.on('error', () => {}); // it may be cut while we still write
    const frame = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-filler: \r\n\r\n';
    socket.write(frame.replace('filler: ', `filler: ${'f'.repeat(bytes - frame.length)}`));
    return text(socket);
  };
  const limit = 16 * 1024;
  assert.match(await send(limit - 64), /^HTTP\/1\.1 200 /, 'a little room is for how Node counts');
  assert.match(await send(limit + 64), /^HTTP\/1\.1 431 [\s\S]*"code":"headers_too_large"/);
});

test('JSON may nest 64 deep, and is answered 400 beyond', async () => {
  await using api = await startApi();
  const answer = (depth: number) => api.put(`${'['.repeat(depth)}${']'.repeat(depth)}`);
  assert.equal(errorOf(await answer(64)).code, 'invalid_job', 'it was read');
  const past = errorOf(await answer(65));
  assert.equal(past.code, 'invalid_json');
  assert.match(past.text, /deeper than 64/);
});

test('as many connections as the setting says are served; one more is closed, and may come when another has gone', async () => {
  await using api = await startApi({ connectionsMax: 3 });
  const idle = Array.from({ length: 3 }, () => connect(api.port, '127.0.0.1'));
  await Promise.all(idle.map((socket) => once(socket, 'connect')));
  const ask = async (socket: ReturnType<typeof connect>) => {
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    return text(socket).catch(() => '');
  };
  assert.equal(await ask(connect(api.port, '127.0.0.1')), '');
  for (const socket of idle) assert.match(await ask(socket), /^HTTP\/1\.1 200 /);
  assert.match(await ask(connect(api.port, '127.0.0.1')), /^HTTP\/1\.1 200 /);
});

test('each request leaves one line in the log, with its id, and without its key, query, or what a path names', async () => {
  await using api = await startApi();
  await addKey(api.db, 'a secret key');
  const headers = { 'x-api-key': 'a secret key' };
  const put = await api.put(makeJob(), headers);
  await api.request('/api/v1/grading_queue/4711/status?token=hunter2', { headers });
  await api.request('/no/such/route/hunter2');
  const lines = await answeredLines(api, 3);
  const shown = lines.map(({ method, route, status, caller }) => `${method} ${route} ${status} ${caller}`);
  assert.match(shown[0] ?? '', /^PUT \/api\/v1\/grading_queue 200 key \d+$/);
  assert.deepEqual(shown.slice(1), ['GET /api/v1/grading_queue/:jobID/status 200 null', 'GET null 404 null']);
  assert.equal(lines[0]?.requestId, put.headers.get('x-request-id'));
  assert.ok(lines.every(({ ms }) => Number.isInteger(ms)));
  assert.doesNotMatch(api.log(), /hunter2|a secret key|4711/);
});

const DEADLINE_MS = 5_000;

/** A line is written when the answer has gone out: the client may have it before. */
async function answeredLines(api: TestApi, count: number) {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const lines = api.log().trim().split('\n');
    const answered = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'request answered');
    if (answered.length >= count) return answered;
    assert.ok(performance.now() < deadline, `${answered.length} lines of ${count}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
