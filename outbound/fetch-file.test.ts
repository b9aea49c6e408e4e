import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type FetchOutcome, type FileFetch, fetchFile } from './fetch-file.ts';
import { createOutbound } from './outbound.ts';
import { listenHttp, listenRaw } from './testing/listen.ts';

const outbound = createOutbound({
  policy: { production: false, allow: [], refusePrivate: false, alwaysRefuse: [] },
  userAgent: 'orca-test',
});

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'orca-fetch-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** Fetches into a folder of its own; `content` is `null` when nothing is left there. */
async function fetchFrom(
  url: string,
  options: Partial<FileFetch> = {},
): Promise<{ outcome: FetchOutcome; content: Buffer | null }> {
  await using folder = await temporaryFolder();
  const request = { url, toPath: join(folder.path, 'file'), maxBytes: 1_000_000, ...options };
  const outcome = await fetchFile(outbound, request, new AbortController().signal);
  const left = await readdir(folder.path);
  assert.deepEqual(left, outcome.kind === 'fetched' ? ['file'] : []);
  return { outcome, content: left.length === 0 ? null : await readFile(request.toPath) };
}

async function outcomeOf(onRequest: RequestListener, options: Partial<FileFetch> = {}) {
  await using server = await listenHttp(onRequest);
  return (await fetchFrom(server.url, options)).outcome;
}

test('fetchFile() stores the bytes and hands over what a later request can ask with', async () => {
  const bytes = Buffer.from([0, 255, 1, 254, 10, 13]);
  await using server = await listenHttp((_request, response) => {
    response.writeHead(200, { etag: '"v1"', 'last-modified': 'Wed, 01 Jan 2025 00:00:00 GMT' }).end(bytes);
  });
  const { outcome, content } = await fetchFrom(`${server.url}/a.zip?sig=1`);
  const lastModified = 'Wed, 01 Jan 2025 00:00:00 GMT';
  assert.deepEqual(outcome, { kind: 'fetched', bytes: 6, etag: '"v1"', lastModified });
  assert.deepEqual(content, bytes);
});

test('fetchFile() stores an empty file', async () => {
  const outcome = await outcomeOf((_request, response) => response.end());
  assert.deepEqual(outcome, { kind: 'fetched', bytes: 0, etag: null, lastModified: null });
});

test('fetchFile() says that a file has not changed', async () => {
  const outcome = await outcomeOf(
    (request, response) => {
      response.writeHead(request.headers['if-none-match'] === '"v1"' ? 304 : 200).end();
    },
    { headers: { 'if-none-match': '"v1"' } },
  );
  assert.deepEqual(outcome, { kind: 'not_modified' });
});

test('fetchFile() tells final answers from those worth another try', async () => {
  const rows: [number, FetchOutcome['kind']][] = [
    [400, 'refused'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'refused'],
    [410, 'refused'],
    [300, 'refused'],
    [204, 'failed'],
    [206, 'failed'],
    [500, 'failed'],
    [503, 'failed'],
  ];
  for (const [status, kind] of rows) {
    const outcome = await outcomeOf((_request, response) => response.writeHead(status).end());
    assert.equal(outcome.kind, kind, String(status));
    if (outcome.kind === 'refused') assert.equal(outcome.status, status);
  }
});

test('fetchFile() takes a file of exactly the limit and none of a byte more', async () => {
  const send: RequestListener = (_request, response) => response.end(Buffer.alloc(1_000));
  assert.equal((await outcomeOf(send, { maxBytes: 1_000 })).kind, 'fetched');
  assert.deepEqual(await outcomeOf(send, { maxBytes: 999 }), { kind: 'too_large' });
});

test('fetchFile() counts what comes out of a compressed body', async () => {
  const send: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1_000_000)));
  };
  assert.deepEqual(await outcomeOf(send, { maxBytes: 999_999 }), { kind: 'too_large' });
  const outcome = await outcomeOf(send, { maxBytes: 1_000_000 });
  assert.ok(outcome.kind === 'fetched');
  assert.equal(outcome.bytes, 1_000_000);
});

test('fetchFile() refuses an encoding that it does not know and fails on a damaged one', async () => {
  const sendAs = (encoding: string): RequestListener => {
    return (_request, response) => response.writeHead(200, { 'content-encoding': encoding }).end('plain');
  };
  assert.equal((await outcomeOf(sendAs('compress'))).kind, 'refused');
  assert.deepEqual(await outcomeOf(sendAs('gzip')), {
    kind: 'failed',
    sentence: 'the compressed body is damaged',
  });
});

test('fetchFile() never keeps a file that was cut', async () => {
  const cuts = [
    'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n',
    'HTTP/1.1 200 OK\r\ncontent-enc',
    '',
  ];
  for (const bytes of cuts) {
    await using server = await listenRaw((socket) => socket.once('data', () => socket.end(bytes)));
    const { outcome } = await fetchFrom(server.url);
    assert.equal(outcome.kind, 'failed', bytes);
  }
});

test('fetchFile() ends on silence, before and in the body', async () => {
  await using silent = await listenRaw(() => {});
  const sentence = 'not a byte came for 0.1 s';
  assert.deepEqual((await fetchFrom(silent.url, { stallMs: 100 })).outcome, { kind: 'failed', sentence });
  const half = await outcomeOf((_request, response) => response.write('half of it'), { stallMs: 100 });
  assert.deepEqual(half, { kind: 'failed', sentence });
});

test('fetchFile() ends a server that trickles for ever', async () => {
  const outcome = await outcomeOf(
    (_request, response) => {
      const timer = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(timer));
    },
    { stallMs: 5_000, totalMs: 300 },
  );
  assert.deepEqual(outcome, { kind: 'failed', sentence: 'it was not over after 0.3 s' });
});

test('fetchFile() does not take a slow file for a silent one', async () => {
  const outcome = await outcomeOf(
    (_request, response) => {
      let left = 12;
      const timer = setInterval(() => {
        left -= 1;
        if (left > 0) return void response.write('x');
        clearInterval(timer);
        response.end('x');
      }, 50);
    },
    { stallMs: 400 },
  );
  assert.equal(outcome.kind, 'fetched');
});

test('fetchFile() follows three redirects and not four', async () => {
  const chain: RequestListener = (request, response) => {
    const left = Number(request.url?.slice(1));
    if (left === 0) response.end('there');
    else response.writeHead(302, { location: `/${left - 1}` }).end();
  };
  await using server = await listenHttp(chain);
  assert.equal((await fetchFrom(`${server.url}/3`)).content?.toString(), 'there');
  const { outcome } = await fetchFrom(`${server.url}/4`);
  assert.deepEqual(outcome, { kind: 'refused', status: null, sentence: 'there were more than 3 redirects' });
});

test('fetchFile() checks every hop as it checked the first', async () => {
  const targets = [
    'http://169.254.169.254/',
    'file:///etc/passwd',
    'http://u:p@127.0.0.1/',
    'http://[::]/',
    '//[',
  ];
  for (const location of targets) {
    const outcome = await outcomeOf((_request, response) => response.writeHead(302, { location }).end());
    assert.equal(outcome.kind, 'refused', location);
  }
});

test('fetchFile() refuses a redirect that goes round in circles', async () => {
  await using server = await listenHttp((_request, response) =>
    response.writeHead(301, { location: '/' }).end(),
  );
  assert.equal((await fetchFrom(server.url)).outcome.kind, 'refused');
  assert.equal(server.connections(), 4);
});

test('fetchFile() throws when the fault is the local disk’s', async () => {
  await using server = await listenHttp((_request, response) => response.end('x'));
  const toPath = '/nonexistent-folder-of-orca/file';
  const fetching = fetchFile(
    outbound,
    { url: server.url, toPath, maxBytes: 10 },
    new AbortController().signal,
  );
  await assert.rejects(fetching, { code: 'cannot_store_file' });
});

test('fetchFile() removes the half-written file and rejects when it is called off', async () => {
  await using folder = await temporaryFolder();
  const controller = new AbortController();
  const reason = new Error('stopping');
  await using server = await listenHttp((_request, response) => {
    response.write('half');
    setImmediate(() => controller.abort(reason));
  });
  const request = { url: server.url, toPath: join(folder.path, 'file'), maxBytes: 10 };
  await assert.rejects(fetchFile(outbound, request, controller.signal), reason);
  assert.deepEqual(await readdir(folder.path), []);
});
