import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates, TLSSocket } from 'node:tls';
import { fetchFile } from './fetch-file.ts';
import { createOutbound } from './outbound.ts';
import { postJson } from './post-json.ts';
import { listenHttp, listenHttps } from './testing/listen.ts';

const NEVER = new AbortController().signal;
const NAME = 'course.example.edu';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const skip = hasOpenssl
  ? false
  : 'there is no openssl on this machine to make a certificate with: TLS was NOT tried';

const outbound = createOutbound({
  policy: { production: true, allow: ['127.0.0.1'], refusePrivate: true, alwaysRefuse: [] },
  userAgent: 'orca-test',
  resolve: async () => [{ address: '127.0.0.1', family: 4 }],
});

describe('requests over TLS', { skip }, () => {
  const trusted = getCACertificates('default');
  let folder = '';
  let pair = { key: '', cert: '' };
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orca-tls-'));
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
    const names = ['-subj', `/CN=${NAME}`, '-addext', `subjectAltName=DNS:${NAME}`];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...names, '-keyout', key, '-out', cert],
      { stdio: 'ignore' },
    );
    pair = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
    setDefaultCACertificates([...trusted, pair.cert]);
  });
  after(async () => {
    setDefaultCACertificates(trusted);
    await rm(folder, { recursive: true });
  });

  const listen = (onRequest: RequestListener) => listenHttps(pair, onRequest);
  const fetchFrom = (url: string) =>
    fetchFile(outbound, { url, toPath: join(folder, 'file'), maxBytes: 1_000 }, NEVER);

  test('A25: go to the checked address, and keep the name for SNI, the certificate and Host', async () => {
    const seen: unknown[] = [];
    await using server = await listen((request, response) => {
      const { socket, headers } = request;
      if (socket instanceof TLSSocket) seen.push([socket.servername, headers.host]);
      response.end('a file');
    });
    assert.equal((await fetchFrom(`https://${NAME}:${server.port}/`)).kind, 'fetched');
    assert.deepEqual(seen, [[NAME, `${NAME}:${server.port}`]]);
  });

  test('A25: are not sent to a server whose certificate is of another name', async () => {
    let requests = 0;
    await using server = await listen((_request, response) => {
      requests += 1;
      response.end();
    });
    const other = `https://other.example.edu:${server.port}/`;
    assert.equal((await fetchFrom(other)).kind, 'failed');
    const post = { url: other, body: '{}', headers: {}, connectMs: 5_000, totalMs: 20_000 };
    assert.equal((await postJson(outbound, post, NEVER)).kind, 'unanswered');
    assert.equal(requests, 0);
  });

  test('A26: follow a redirect from https to https, and none to http', async () => {
    await using plain = await listenHttp((_request, response) => void response.end('readable by all'));
    await using server = await listen((request, response) => {
      if (request.url === '/file') return void response.end('a file');
      const location = request.url === '/safe' ? '/file' : `http://${NAME}:${plain.port}/`;
      response.writeHead(302, { location }).end();
    });
    const url = `https://${NAME}:${server.port}`;
    assert.equal((await fetchFrom(`${url}/safe`)).kind, 'fetched');
    assert.deepEqual(await fetchFrom(`${url}/unsafe`), {
      kind: 'refused',
      status: null,
      sentence: 'a redirect led from https to something less safe',
    });
    assert.equal(plain.connections(), 0);
  });
});
