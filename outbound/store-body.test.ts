import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fetchFile } from './fetch-file.ts';
import { createOutbound } from './outbound.ts';
import { storeBody } from './store-body.ts';
import { listenHttp } from './testing/listen.ts';

const CHUNK_BYTES = 65_536;
const LARGE_BYTES = 16 * 2 ** 20;

async function pathIn(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orca-store-'));
  t.after(() => rm(folder, { recursive: true }));
  return join(folder, 'file');
}

test('storeBody() gives back the memory of a chunk that it has stored, but none that others have a part of', async (t) => {
  const toPath = await pathIn(t);
  const whole = Buffer.allocUnsafeSlow(CHUNK_BYTES).fill('w');
  const shared = Buffer.allocUnsafeSlow(CHUNK_BYTES).fill('s');
  const parts = [shared.subarray(0, CHUNK_BYTES / 2), shared.subarray(CHUNK_BYTES / 2)];
  const answer = { headers: {}, body: Readable.from([whole, ...parts]) };
  const bytes = await storeBody(answer, { toPath, maxBytes: 2 * CHUNK_BYTES, onBytes: () => undefined });
  assert.equal(bytes, 2 * CHUNK_BYTES);
  assert.equal(await readFile(toPath, 'utf8'), 'w'.repeat(CHUNK_BYTES) + 's'.repeat(CHUNK_BYTES));
  assert.deepEqual([whole.length, shared.length], [0, CHUNK_BYTES]);
});

const SENDERS: Readonly<Record<string, (bytes: Buffer) => [headers: Record<string, string>, sent: Buffer]>> =
  {
    'with its length': (bytes) => [{ 'content-length': String(bytes.length) }, bytes],
    'in chunks': (bytes) => [{}, bytes],
    compressed: (bytes) => [{ 'content-encoding': 'gzip' }, gzipSync(bytes, { level: 1 })],
  };

for (const [name, send] of Object.entries(SENDERS)) {
  test(`a large body sent ${name} is stored as it is`, async (t) => {
    const content = randomBytes(LARGE_BYTES);
    await using server = await listenHttp((_request, response) => {
      const [headers, sent] = send(content);
      response.writeHead(200, headers).end(sent);
    });
    const outbound = createOutbound({
      policy: { production: false, allow: [], refusePrivate: false, alwaysRefuse: [] },
      userAgent: 'orca-test',
    });
    const toPath = await pathIn(t);
    const file = { url: server.url, toPath, maxBytes: LARGE_BYTES };
    const outcome = await fetchFile(outbound, file, new AbortController().signal);
    assert.equal(outcome.kind, 'fetched');
    const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    assert.equal(digest(await readFile(toPath)), digest(content));
  });
}
