import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimDelivery, nextDeliveryMs, signingSecrets } from '@orca/database';
import { signWebhook } from '@orca/outbound';
import { isResult, startFakeClient } from '../testing/fake-client.ts';
import { logged, owe, settled, startLoop } from '../testing/start-loop.ts';

test('runDeliverLoop() delivers a result once, byte for byte and signed', async () => {
  await using client = await startFakeClient();
  await using loop = await startLoop();
  const owed = await owe(loop, `${client.url}/grades/1?token=x`);
  await settled(loop.db);
  const [result, ...others] = client.results();
  assert.equal(others.length, 0);
  assert.equal(result?.body, owed.body);
  assert.equal(result?.path, '/grades/1?token=x');
  assert.equal(result?.headers['content-type'], 'application/json');
  assert.equal(result?.headers['webhook-id'], owed.gradingId);
  assert.equal(result?.headers['orca-attempt'], '1');
  const timestampSeconds = Number(result?.headers['webhook-timestamp']);
  const secrets = await signingSecrets(loop.db, '127.0.0.1');
  const expected = signWebhook({ id: owed.gradingId, timestampSeconds, body: owed.body, secrets });
  assert.equal(result?.headers['webhook-signature'], expected['webhook-signature']);
  assert.doesNotMatch(loop.log(), /grades\/1|token=x/);
});

test('runDeliverLoop() never sends a status after its job’s result', async () => {
  await using client = await startFakeClient();
  await using loop = await startLoop();
  for (let job = 0; job < 10; job += 1) await owe(loop, client.url);
  await settled(loop.db);
  assert.equal(client.results().length, 10);
  const finished = new Set<unknown>();
  for (const { body } of client.posts) {
    const post: { key: string; status?: unknown } = JSON.parse(body);
    if (post.status === undefined) finished.add(post.key);
    else assert.ok(!finished.has(post.key), 'the client takes it for a job that it does not know');
  }
});

test('runDeliverLoop() repeats id and bytes after a 500, and takes a 400 then for delivered', async () => {
  await using client = await startFakeClient((response, _post, attempt) => {
    if (attempt === 1) response.writeHead(500, { 'retry-after': '1' }).end();
    else response.writeHead(400).end('unknown key');
  });
  await using loop = await startLoop();
  const owed = await owe(loop, client.url);
  await client.receivedResults(2);
  await settled(loop.db);
  const results = client.results();
  assert.deepEqual(new Set(results.map((post) => post.body)), new Set([owed.body]));
  assert.deepEqual(new Set(results.map((post) => post.headers['webhook-id'])), new Set([owed.gradingId]));
  assert.deepEqual(
    results.map((post) => post.headers['orca-attempt']),
    ['1', '2'],
  );
  assert.match(loop.log(), /"kind":"result".*"statusCode":400.*"msg":"delivered"/);
});

test('runDeliverLoop() asks a client that refuses a result no more', async () => {
  await using client = await startFakeClient((response) => response.writeHead(403).end());
  await using loop = await startLoop();
  await owe(loop, client.url);
  await settled(loop.db);
  assert.equal(client.results().length, 1);
  assert.match(loop.log(), /"kind":"result".*"msg":"delivery refused by the client"/);
});

test('runDeliverLoop() delivers to a client that was down for a while', async () => {
  const down = await startFakeClient();
  await down[Symbol.asyncDispose]();
  await using loop = await startLoop();
  const owed = await owe(loop, down.url);
  await logged(loop, /"kind":"result".*"msg":"delivery is tried again"/);
  await using client = await startFakeClient((response) => void response.end(), down.port);
  await client.receivedResults(1);
  await settled(loop.db);
  assert.equal(client.results()[0]?.body, owed.body);
});

test('runDeliverLoop() holds nobody up for a client that does not answer, and sends it two at once at most', async () => {
  await using silent = await startFakeClient(() => {});
  await using prompt = await startFakeClient();
  await using loop = await startLoop();
  for (let job = 0; job < 6; job += 1) await owe(loop, silent.url);
  const startedAt = performance.now();
  await owe(loop, `http://127.0.0.2:${prompt.port}/`);
  await prompt.receivedResults(1);
  assert.ok(performance.now() - startedAt < 10_000, 'long before a silent POST is given up');
  assert.ok(silent.openMax() <= 2, `${silent.openMax()} POSTs at once`);
});

test('runDeliverLoop() lets POSTs under way end when it stops, and begins no others', async () => {
  let release: (() => void) | undefined;
  await using client = await startFakeClient((response, post) => {
    if (isResult(post)) release = () => void response.end();
    else response.end();
  });
  await using loop = await startLoop();
  await owe(loop, client.url);
  await client.receivedResults(1);
  const stopped = loop.stop();
  release?.();
  await stopped;
  assert.match(loop.log(), /"kind":"result".*"msg":"delivered"/);
  await owe(loop, client.url, 'too late');
  assert.notEqual(await claimDelivery(loop.db, { serverId: 'another', leaseSeconds: 60 }), null);
  assert.equal(client.results().length, 1);
});

test('runDeliverLoop() calls POSTs off when it is hurried; they are owed still', async () => {
  await using client = await startFakeClient((response, post) => {
    if (!isResult(post)) response.end();
  });
  await using loop = await startLoop();
  await owe(loop, client.url);
  await client.receivedResults(1);
  await loop.stop(true);
  assert.match(loop.log(), /"kind":"result".*Orca was being stopped.*"msg":"delivery is tried again"/);
  assert.notEqual(await nextDeliveryMs(loop.db), null);
});

test('runDeliverLoop() records an answer that came while the database was away, and does not ask again', async () => {
  let answer: (() => void) | undefined;
  await using client = await startFakeClient((response, post) => {
    if (isResult(post)) answer = () => void response.end();
    else response.end();
  });
  await using loop = await startLoop();
  await owe(loop, client.url);
  await client.receivedResults(1);
  loop.proxy.cut();
  answer?.();
  await logged(loop, /cannot record a delivery yet/);
  loop.proxy.mend();
  await settled(loop.db);
  assert.equal(client.results().length, 1);
  assert.match(loop.log(), /"kind":"result".*"msg":"delivered"/);
});

test('runDeliverLoop() finds work again after the database was away', async () => {
  await using client = await startFakeClient();
  await using loop = await startLoop();
  loop.proxy.cut();
  await owe(loop, client.url);
  await logged(loop, /cannot look for deliveries/);
  loop.proxy.mend();
  await client.receivedResults(1);
  await settled(loop.db);
  const troubles = loop.log().match(/cannot look for deliveries/g) ?? [];
  assert.equal(troubles.length, 1, 'an outage is told once');
});
