import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Address } from './checked-addresses.ts';
import { exchange } from './exchange.ts';
import { createOutbound } from './outbound.ts';
import { listenHttp } from './testing/listen.ts';

const TURNS_MAX = 10_000;
const POLICY = { production: true, allow: ['127.0.0.1'], refusePrivate: false, alwaysRefuse: [] };

function get(
  url: string,
  options: { addresses: Address[][]; allow?: string[]; asked?: string[]; signal?: AbortSignal },
) {
  const outbound = createOutbound({
    policy: { ...POLICY, allow: options.allow ?? POLICY.allow },
    userAgent: 'orca-test',
    resolve: async (hostname) => {
      options.asked?.push(hostname);
      return options.addresses.shift() ?? [];
    },
  });
  const request = { url: new URL(url), method: 'GET', headers: {}, connectMs: 2_000 } as const;
  return exchange(request, outbound, options.signal ?? AbortSignal.timeout(10_000));
}

const LOOPBACK = { address: '127.0.0.1', family: 4 };

test('exchange() connects to the address that it checked and keeps the name in Host', async () => {
  const hosts: (string | undefined)[] = [];
  await using server = await listenHttp((request, response) => {
    hosts.push(request.headers.host);
    response.end('ok');
  });
  const asked: string[] = [];
  const url = `http://course.example.edu:${server.port}/x`;
  await using answer = await get(url, { addresses: [[LOOPBACK]], asked });
  assert.equal(await answer.body.text(), 'ok');
  assert.deepEqual(hosts, [`course.example.edu:${server.port}`]);
  assert.deepEqual(asked, ['course.example.edu'], 'one resolution: a second could answer otherwise');
});

test('exchange() sends nothing to a host one of whose addresses is refused', async () => {
  await using server = await listenHttp((_request, response) => response.end());
  const url = `http://course.example.edu:${server.port}/`;
  const mixed: Address[] = [LOOPBACK, { address: '169.254.169.254', family: 4 }];
  await assert.rejects(get(url, { addresses: [mixed] }), { code: 'refused' });
  await assert.rejects(get(url, { addresses: [[LOOPBACK]], allow: [] }), { code: 'refused' });
  assert.equal(server.connections(), 0);
});

test('exchange() checks a host that is an address itself, in all its spellings', async () => {
  await using server = await listenHttp((_request, response) => response.end());
  const hosts = [
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '2130706433',
    '[::ffff:127.0.0.1]',
    '[::1]',
    '0.0.0.0',
    '[::]',
  ];
  for (const host of hosts) {
    const url = `http://${host}:${server.port}/`;
    await assert.rejects(get(url, { addresses: [], allow: [] }), { code: 'refused' }, host);
  }
  assert.equal(server.connections(), 0);
});

test('exchange() refuses other schemes and URLs with a user name before it resolves anything', async () => {
  const asked: string[] = [];
  for (const url of ['ftp://h/', 'file:///etc/passwd', 'http://u@h/', 'http://u:p@h/', 'http://:p@h/']) {
    await assert.rejects(get(url, { addresses: [[LOOPBACK]], asked }), { code: 'refused' }, url);
  }
  assert.deepEqual(asked, []);
});

test('exchange() refuses the database’s port by any name that leads there', async () => {
  await using server = await listenHttp((_request, response) => response.end());
  const outbound = createOutbound({
    policy: { ...POLICY, production: false, allow: [], alwaysRefuse: [`db.internal:${server.port}`] },
    userAgent: 'orca-test',
    resolve: async () => [LOOPBACK],
  });
  const url = new URL(`http://innocent.example.edu:${server.port}/`);
  const request = { url, method: 'GET', headers: {}, connectMs: 1_000 } as const;
  await assert.rejects(exchange(request, outbound, AbortSignal.timeout(5_000)), { code: 'refused' });
  assert.equal(server.connections(), 0);
});

test('exchange() gives up on a name server that does not answer', async () => {
  const outbound = createOutbound({
    policy: POLICY,
    userAgent: 'orca-test',
    resolve: () => new Promise(() => {}),
  });
  const request = { url: new URL('http://h/'), method: 'GET', headers: {}, connectMs: 50 } as const;
  await assert.rejects(exchange(request, outbound, new AbortController().signal), { code: 'time_limit' });
});

test('exchange() asks no name server when its signal has aborted, and leaves no rejection behind', async () => {
  const unheard: unknown[] = [];
  const hear = (reason: unknown): void => void unheard.push(reason);
  process.on('unhandledRejection', hear);
  const asked: string[] = [];
  const outbound = createOutbound({
    policy: POLICY,
    userAgent: 'orca-test',
    resolve: async (hostname) => {
      asked.push(hostname);
      throw new Error('ENOTFOUND');
    },
  });
  const reason = new Error('enough');
  for (const host of ['course.example.edu', '169.254.169.254']) {
    const request = { url: new URL(`http://${host}/`), method: 'GET', headers: {}, connectMs: 50 } as const;
    await assert.rejects(exchange(request, outbound, AbortSignal.abort(reason)), reason);
  }
  await turn();
  process.off('unhandledRejection', hear);
  assert.deepEqual([asked, unheard], [[], []]);
});

test('exchange() goes on to the next address when the first does not answer', async () => {
  await using server = await listenHttp((_request, response) => response.end('ok'));
  const url = `http://course.example.edu:${server.port}/`;
  const dead = { address: '127.0.0.2', family: 4 }; // the server listens on 127.0.0.1 only
  await using answer = await get(url, { addresses: [[dead, LOOPBACK]], allow: ['127.0.0.0/8'] });
  assert.equal(await answer.body.text(), 'ok');
});

test('exchange() leaves nothing on its signal when the answer is disposed of, read or not', {
  timeout: 30_000,
}, async () => {
  await using server = await listenHttp((request, response) => {
    response.statusCode = request.url === '/304' ? 304 : 200;
    response.end(request.url === '/304' ? undefined : 'x'.repeat(100_000));
  });
  // Node keeps a signal that is made of others for as long as somebody listens to it.
  const signal = AbortSignal.any([new AbortController().signal]);
  for (const path of ['304', 'unread', 'read']) {
    const answer = await get(`http://127.0.0.1:${server.port}/${path}`, { addresses: [[LOOPBACK]], signal });
    if (path === 'read') await answer.body.text();
    await answer[Symbol.asyncDispose]();
    for (let turns = 0; getEventListeners(signal, 'abort').length > 0; turns += 1) {
      assert.ok(turns < TURNS_MAX, path);
      await turn();
    }
  }
});
