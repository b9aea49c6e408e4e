import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { createOutbound } from './outbound.ts';
import { ANSWER_BYTES_MAX, type PostOutcome, postJson, retryAfterSeconds } from './post-json.ts';
import { listenHttp, listenRaw } from './testing/listen.ts';

const outbound = createOutbound({
  policy: { production: false, allow: [], refusePrivate: false, alwaysRefuse: [] },
  userAgent: 'orca-test',
});

function post(url: string, times: { connectMs?: number; totalMs?: number } = {}): Promise<PostOutcome> {
  const request = {
    url,
    body: '{"key":"ü"}',
    headers: { 'webhook-id': 'msg_1' },
    connectMs: 2_000,
    totalMs: 5_000,
  };
  return postJson(outbound, { ...request, ...times }, new AbortController().signal);
}

/** Answers every connection with these bytes as soon as the request has begun. */
function answerRaw(answer: (socket: Socket) => void) {
  return listenRaw((socket) => socket.once('data', () => answer(socket)));
}

function sentenceOf(outcome: PostOutcome): string {
  return outcome.kind === 'answered' ? assert.fail(`answered ${outcome.status}`) : outcome.sentence;
}

test('postJson() sends the body byte for byte, with its headers, and reads the answer', async () => {
  const seen: { request: IncomingMessage; body: string }[] = [];
  await using server = await listenHttp(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    seen.push({ request, body: Buffer.concat(chunks).toString() });
    response.writeHead(202, { 'retry-after': '7' }).end('thanks');
  });
  assert.deepEqual(await post(`${server.url}/path?q=1`), {
    kind: 'answered',
    status: 202,
    retryAfterSeconds: 7,
    answerStart: 'thanks',
    location: null,
  });
  const [first] = seen;
  assert.equal(first?.body, '{"key":"ü"}');
  assert.equal(first?.request.url, '/path?q=1');
  assert.equal(first?.request.headers['content-type'], 'application/json');
  assert.equal(first?.request.headers['content-length'], '12');
  assert.equal(first?.request.headers['webhook-id'], 'msg_1');
  assert.equal(first?.request.headers['user-agent'], 'orca-test');
});

test('postJson() never follows a redirect and records only the host that it led to', async () => {
  await using server = await listenHttp((_request, response) => {
    response.writeHead(307, { location: 'http://169.254.169.254/latest?secret=1' }).end();
  });
  const outcome = await post(server.url);
  assert.ok(outcome.kind === 'answered');
  assert.equal(outcome.status, 307);
  assert.equal(outcome.location, '169.254.169.254');
  assert.equal(server.connections(), 1);
});

test('postJson() tells a refused, a cut and a silent connection apart', async () => {
  const server = await listenHttp(() => {});
  await server[Symbol.asyncDispose]();
  assert.equal(sentenceOf(await post(server.url)), 'the connection was refused');

  await using reset = await answerRaw((socket) => socket.resetAndDestroy());
  assert.equal(sentenceOf(await post(reset.url)), 'the connection was cut');

  await using half = await answerRaw((socket) =>
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc'),
  );
  assert.equal((await post(half.url)).kind, 'unanswered');

  await using silent = await listenRaw(() => {});
  assert.equal(sentenceOf(await post(silent.url, { totalMs: 100 })), 'it was not over after 0.1 s');
});

test('postJson() gives up on an answer of a byte now and then when its time is over', async () => {
  await using server = await listenHttp((_request, response) => {
    const timer = setInterval(() => response.write('x'), 5);
    response.on('close', () => clearInterval(timer));
  });
  assert.equal(sentenceOf(await post(server.url, { totalMs: 200 })), 'it was not over after 0.2 s');
});

test('postJson() takes an answer of exactly the limit and cuts one of a byte more', async () => {
  let bytes = ANSWER_BYTES_MAX;
  await using server = await listenHttp((_request, response) => response.end('é'.repeat(bytes / 2)));
  const whole = await post(server.url);
  assert.ok(whole.kind === 'answered');
  assert.equal(Buffer.byteLength(whole.answerStart), 1024);
  bytes += 2;
  assert.equal(sentenceOf(await post(server.url)), 'the answer was longer than 65536 bytes');
});

test('postJson() closes the connection on an endless answer', async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  await using server = await listenHttp((_request, response) => {
    const fill = () => {
      while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
    };
    response.on('drain', fill);
    response.on('close', resolve);
    fill();
  });
  assert.equal((await post(server.url)).kind, 'unanswered');
  await closed;
});

test('postJson() does not decompress', async () => {
  await using server = await listenHttp((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip at all');
  });
  const outcome = await post(server.url);
  assert.ok(outcome.kind === 'answered');
  assert.equal(outcome.answerStart, 'not gzip at all');
});

test('postJson() keeps the start of an answer as text that can be stored', async () => {
  await using server = await listenHttp((_request, response) =>
    response.end(Buffer.from([0x61, 0, 0xff, 0x62])),
  );
  const outcome = await post(server.url);
  assert.ok(outcome.kind === 'answered');
  assert.equal(outcome.answerStart, 'a\uFFFD\uFFFDb');
});

test('postJson() takes what is not HTTP for no answer', async () => {
  await using server = await answerRaw((socket) => socket.end('220 smtp.example.edu ESMTP\r\n'));
  assert.match(sentenceOf(await post(server.url)), /^the answer is not HTTP$/);
});

test('postJson() says no without connecting where the policy does', async () => {
  for (const url of [
    'http://169.254.169.254/',
    'http://[fe80::1]/',
    'http://u:p@127.0.0.1/',
    'gopher://x/',
    'x',
  ]) {
    assert.equal((await post(url)).kind, 'forbidden', url);
  }
});

test('postJson() rejects with the reason when it is called off', async () => {
  const controller = new AbortController();
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  await using server = await listenHttp(() => resolve());
  const request = { url: server.url, body: '{}', headers: {}, connectMs: 2_000, totalMs: 5_000 };
  const posting = postJson(outbound, request, controller.signal);
  await asked;
  const reason = new Error('stopping');
  controller.abort(reason);
  await assert.rejects(posting, reason);
});

test('retryAfterSeconds() reads seconds and dates and nothing else', () => {
  const now = Date.parse('2025-01-01T00:00:00Z');
  const rows: [string | undefined, number | null][] = [
    [undefined, null],
    ['0', 0],
    [' 120 ', 120],
    ['Wed, 01 Jan 2025 00:01:00 GMT', 60],
    ['Tue, 31 Dec 2024 23:59:00 GMT', 0],
    ['-1', null],
    ['1.5', null],
    ['soon', null],
    ['', null],
    ['9'.repeat(400), null],
  ];
  for (const [value, seconds] of rows) assert.equal(retryAfterSeconds(value, now), seconds, String(value));
});
