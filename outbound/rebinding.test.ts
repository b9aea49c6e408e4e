import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fetchFile } from './fetch-file.ts';
import { createOutbound, type Outbound } from './outbound.ts';
import { postJson } from './post-json.ts';
import { listenHttp } from './testing/listen.ts';

const NEVER = new AbortController().signal;
/** Stands for an address that anybody may speak to; the other one for a machine inside. */
const OUTSIDE = '127.0.0.1';
const INSIDE = '127.0.0.2';

/**
 * A name whose owner changes its address after every look-up, from the one outside to the one inside, and a server at
 * both on one port.
 */
async function startRebinding(answerOutside: RequestListener) {
  await using opened = new AsyncDisposableStack();
  const outside = opened.use(await listenHttp(answerOutside, { host: OUTSIDE }));
  const inside = opened.use(
    await listenHttp((_request, response) => void response.end('secret'), {
      host: INSIDE,
      port: outside.port,
    }),
  );
  const asked: string[] = [];
  const outbound: Outbound = createOutbound({
    policy: { production: true, allow: [OUTSIDE], refusePrivate: true, alwaysRefuse: [] },
    userAgent: 'orca-test',
    resolve: async (hostname) => {
      asked.push(hostname);
      return [{ address: asked.length === 1 ? OUTSIDE : INSIDE, family: 4 }];
    },
  });
  const url = `http://rebinding.example.edu:${outside.port}/file`;
  const stack = opened.move();
  return { inside, asked, outbound, url, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function fetchInto(outbound: Outbound, url: string) {
  const folder = await mkdtemp(join(tmpdir(), 'orca-rebinding-'));
  try {
    const outcome = await fetchFile(outbound, { url, toPath: join(folder, 'f'), maxBytes: 1_000 }, NEVER);
    return { outcome, left: await readdir(folder) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('A25: a name that leads inside on its second look-up is looked up once, and what was checked is spoken to', async () => {
  const hosts: (string | undefined)[] = [];
  await using name = await startRebinding((request, response) => {
    hosts.push(request.headers.host);
    response.end('a file');
  });
  const { outcome } = await fetchInto(name.outbound, name.url);
  assert.equal(outcome.kind, 'fetched');
  assert.deepEqual(name.asked, ['rebinding.example.edu']);
  assert.deepEqual(hosts, [new URL(name.url).host], 'the name stays in Host');
  assert.equal(name.inside.connections(), 0);
});

test('A25: a redirect to the same name is a look-up of its own, and is refused when it leads inside', async () => {
  await using name = await startRebinding((_request, response) =>
    response.writeHead(302, { location: '/again' }).end(),
  );
  const { outcome, left } = await fetchInto(name.outbound, name.url);
  assert.deepEqual(outcome, {
    kind: 'refused',
    status: null,
    sentence: 'its address is not allowed (loopback)',
  });
  assert.deepEqual(left, []);
  assert.equal(name.asked.length, 2);
  assert.equal(name.inside.connections(), 0);
});

test('A25: a result is not POSTed to where a name leads at its second look-up', async () => {
  await using name = await startRebinding((_request, response) => void response.end());
  const post = () =>
    postJson(
      name.outbound,
      { url: name.url, body: '{}', headers: {}, connectMs: 5_000, totalMs: 20_000 },
      NEVER,
    );
  assert.equal((await post()).kind, 'answered');
  assert.equal((await post()).kind, 'forbidden');
  assert.equal(name.inside.connections(), 0);
});

test('A26: a chain of 21 redirects is left after the third, wherever it would lead', async () => {
  await using server = await listenHttp((request, response) => {
    const hop = Number(request.url?.slice(1));
    response.writeHead(302, { location: `/${hop + 1}` }).end();
  });
  const outbound = createOutbound({
    policy: { production: false, allow: [], refusePrivate: false, alwaysRefuse: [] },
    userAgent: 'orca-test',
  });
  const { outcome } = await fetchInto(outbound, `${server.url}/0`);
  assert.deepEqual(outcome, { kind: 'refused', status: null, sentence: 'there were more than 3 redirects' });
  assert.equal(server.connections(), 4);
});
