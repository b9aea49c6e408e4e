import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startApi, type TestApi } from './testing/start-api.ts';

/** Sends `start`, then a byte a second, and returns the answer and how long it took to come. */
async function trickle(api: TestApi, start: string): Promise<{ answer: string; seconds: number }> {
  const startedAt = performance.now();
  const socket = connect(api.port, '127.0.0.1');
  socket.on('error', () => {}); // we go on writing when we were cut
  socket.write(start);
  const timer = setInterval(() => socket.write('x'), 1_000);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk.toString();
  });
  await once(socket, 'close', { signal: AbortSignal.timeout(120_000) });
  clearInterval(timer);
  return { answer, seconds: (performance.now() - startedAt) / 1000 };
}

test('headers that are late after 10 s and a body that is late after 30 s are answered 408 and cut', async () => {
  await using api = await startApi();
  const put = 'PUT /api/v1/grading_queue HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
  const [headers, body] = await Promise.all([
    trickle(api, `${put}x-slow: `),
    trickle(api, `${put}content-length: 100000\r\n\r\n{"`),
  ]);
  assert.match(headers.answer, /^HTTP\/1\.1 408 [\s\S]*"code":"request_timeout"/);
  assert.ok(headers.seconds >= 9 && headers.seconds < 25, `${headers.seconds} s`);
  assert.match(body.answer, /^HTTP\/1\.1 408 [\s\S]*"code":"request_timeout"/);
  assert.ok(body.seconds >= 29 && body.seconds < 60, `${body.seconds} s`);
});
