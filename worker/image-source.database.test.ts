import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { SourceAwayError } from '@orca/grading';
import { cloneDatabase, makeReadyImage, SAVED_IMAGE } from '@orca/database/testing';
import { createImageSource } from './image-source.ts';
import { parseServerAddress } from './server-address.ts';

const LOG = createLogger({ name: 'test', level: 'silent', pretty: false });
const NEVER = new AbortController().signal;
const SHA = createHash('sha256').update('x').digest('hex');
const CREDENTIAL = `${randomUUID()}.${randomBytes(32).toString('hex')}`;

/** A server that answers as a test says, and a source that fetches from it. */
async function openSource(answer: RequestListener) {
  await using opened = new AsyncDisposableStack();
  const { db } = opened.use(await cloneDatabase());
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.url} ${request.headers.authorization}`);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const bound = server.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
  let comebacks = 0;
  const address = parseServerAddress(`127.0.0.1:${port}/orca/`);
  assert.ok(address !== null);
  const source = createImageSource({
    ...{ db, log: LOG, server: address, credential: CREDENTIAL, resumePauseMs: 1 },
    async comeBack() {
      comebacks += 1;
    },
  });
  const stack = opened.move();
  return {
    ...{ db, source, requests, server, comebacks: () => comebacks },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('reportDamaged() has an image built again, but not over and over', async () => {
  await using box = await openSource(() => assert.fail('nobody is asked'));
  const report = async (sha: string, archiveSha256: Uint8Array) =>
    (await box.source.reportDamaged?.(sha, archiveSha256, NEVER)) ?? assert.fail('it takes no reports');
  const dockerfile = 'FROM orca-grader-base\n#\n';
  const sha = await makeReadyImage(box.db, dockerfile);
  assert.equal(await report(sha, Buffer.alloc(32, 99)), true, 'another archive is the image’s by now');
  assert.equal((await box.source.find(sha, NEVER)).kind, 'ready');
  assert.equal(await report(sha, new Uint8Array(SAVED_IMAGE.archiveSha256)), true);
  assert.deepEqual(await box.source.find(sha, NEVER), { kind: 'not_built', state: 'pruned' });
  await makeReadyImage(box.db, dockerfile);
  assert.equal(await report(sha, SAVED_IMAGE.archiveSha256), false, 'damaged on its way here');
  assert.equal((await box.source.find(sha, NEVER)).kind, 'ready');
  const other = await makeReadyImage(box.db, 'FROM orca-grader-base\n# 2\n');
  assert.equal(await report(other, SAVED_IMAGE.archiveSha256), true);
});

test('find() tells what the database knows of an image', async () => {
  await using box = await openSource(() => assert.fail('nobody is asked'));
  assert.deepEqual(await box.source.find(SHA, NEVER), { kind: 'absent' });
  const sha = await makeReadyImage(box.db, 'FROM orca-grader-base\n#\n');
  const { layers, archiveBytes, archiveSha256 } = SAVED_IMAGE;
  assert.partialDeepStrictEqual(await box.source.find(sha, NEVER), {
    kind: 'ready',
    image: { layers, archiveBytes, archiveSha256 },
  });
});

test('download() sends the worker’s token below the path of the server, and streams what comes', async () => {
  await using box = await openSource((_request, response) => void response.end('an archive'));
  assert.equal(String(await buffer(await box.source.download(SHA, NEVER))), 'an archive');
  assert.deepEqual(box.requests, [`/orca/images/${SHA}.tgz Bearer ${CREDENTIAL}`]);
});

test('download() makes the worker known again when it is not let in, and tries once more', async () => {
  await using box = await openSource((_request, response) => {
    if (box.comebacks() === 0) response.writeHead(401).end('{}');
    else response.end('an archive');
  });
  assert.equal(String(await buffer(await box.source.download(SHA, NEVER))), 'an archive');
  assert.equal(box.comebacks(), 1);
  assert.equal(box.requests.length, 2);
});

test('download() says what the server answered, follows no redirect, and never tells the token', async () => {
  const answers: [status: number, sentence: RegExp][] = [
    [401, /answered 401 no$/],
    [404, /answered 404 no$/],
    [302, /redirect/],
  ];
  for (const [status, sentence] of answers) {
    await using box = await openSource((_request, response) => {
      response.writeHead(status, { location: 'http://127.0.0.1:9/' }).end('no');
    });
    await assert.rejects(box.source.download(SHA, NEVER), (error: Error) => {
      assert.match(error.message, sentence);
      return !error.message.includes(CREDENTIAL);
    });
  }
});

test('download() tells a server that cannot serve now from one that has no such image', async () => {
  await using box = await openSource((_request, response) => {
    response.writeHead(503, { 'retry-after': '60' }).end('no store');
  });
  await assert.rejects(box.source.download(SHA, NEVER), (error: Error) => {
    assert.ok(error instanceof SourceAwayError);
    assert.match(error.message, /^Cannot download grader images now: .* answered 503 no store$/);
    return true;
  });
  assert.equal(box.requests.length, 1);
});

test('download() names the setting when nothing answers there', async () => {
  await using box = await openSource(() => undefined);
  box.server.close();
  await assert.rejects(box.source.download(SHA, NEVER), /ORCA_WEB_SERVER_HOST.*ECONNREFUSED/);
});

test('download() survives a server that closes the connection behind a body that is read slowly', async () => {
  const sizes = [65_536, 131_072, 1_048_576];
  for (const bytes of sizes) {
    await using box = await openSource((_request, response) => {
      response.writeHead(200, { 'content-length': bytes, connection: 'close' });
      response.end(Buffer.alloc(bytes, 1));
    });
    const archive = await box.source.download(SHA, NEVER);
    await new Promise((resolve) => setTimeout(resolve, 50));
    let read = 0;
    for await (const chunk of archive) {
      read += chunk.length;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.equal(read, bytes);
  }
});

const ARCHIVE = randomBytes(300_000);
const ETAG = '"an archive"';

/** Sends an archive from a byte on, and breaks off after some. */
function sendPart(response: ServerResponse, from: number, bytes: number): void {
  const { length } = ARCHIVE;
  const range = from === 0 ? {} : { 'content-range': `bytes ${from}-${length - 1}/${length}` };
  response.writeHead(from === 0 ? 200 : 206, { 'content-length': length - from, etag: ETAG, ...range });
  const part = ARCHIVE.subarray(from, from + bytes);
  response.write(part, () => (from + bytes < length ? response.destroy() : response.end()));
}

test('download() goes on where its connection broke, and fetches nothing twice', async () => {
  const asked: unknown[] = [];
  await using box = await openSource((request, response) => {
    const { range, 'if-range': ifRange } = request.headers;
    asked.push(range === undefined ? 'all' : ifRange);
    // One connection in between brings nothing at all.
    if (asked.length === 3) return void response.destroy();
    sendPart(response, Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0), 100_000);
  });
  const archive = await buffer(await box.source.download(SHA, NEVER));
  assert.ok(archive.equals(ARCHIVE), `${archive.length} bytes came`);
  assert.deepEqual(asked, ['all', ETAG, ETAG, ETAG]);
});

test('download() fails when the server has something else by then, does not come back, or never said what it sends', async () => {
  for (const second of [
    (response: ServerResponse) => sendPart(response, 0, ARCHIVE.length),
    (response: ServerResponse) => void response.destroy(),
    (response: ServerResponse) => void response.writeHead(404).end('{}'),
  ]) {
    let requests = 0;
    await using box = await openSource((_request, response) => {
      requests += 1;
      if (requests === 1) sendPart(response, 0, 100_000);
      else second(response);
    });
    await assert.rejects(buffer(await box.source.download(SHA, NEVER)));
    assert.ok(requests > 1 && requests <= 6, `it was asked ${requests} times`);
  }
  await using box = await openSource((_request, response) => {
    response.writeHead(200, { 'content-length': 10 });
    response.write('half', () => response.destroy());
  });
  await assert.rejects(buffer(await box.source.download(SHA, NEVER)), { code: 'ECONNRESET' });
  assert.equal(box.requests.length, 1);
});

test('download() waits for a server that cannot go on at the moment, and says so when it stays away', async () => {
  for (const isBack of [true, false]) {
    let requests = 0;
    await using box = await openSource((_request, response) => {
      requests += 1;
      if (requests === 1) sendPart(response, 0, 100_000);
      else if (requests === 3 && isBack) sendPart(response, 100_000, ARCHIVE.length);
      else response.writeHead(503).end('{}');
    });
    const archive = buffer(await box.source.download(SHA, NEVER));
    if (isBack) assert.ok((await archive).equals(ARCHIVE));
    else await assert.rejects(archive, (error) => error instanceof SourceAwayError);
  }
});

test('download() ends when it is called off while it waits to go on', async () => {
  const stop = new AbortController();
  const reason = new Error('called off');
  let requests = 0;
  await using box = await openSource((_request, response) => {
    requests += 1;
    if (requests === 1) sendPart(response, 0, 100_000);
    else stop.abort(reason);
  });
  await assert.rejects(buffer(await box.source.download(SHA, stop.signal)), (error) => error === reason);
});
