import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createLogger } from '@orca/daemon';
import {
  claimDelivery,
  claimJob,
  connectDatabase,
  type Database,
  enqueueJob,
  finishJob,
  nextDeliveryMs,
  notifyDeliveries,
  registerWorker,
  signingSecrets,
} from '@orca/database';
import { cloneDatabase } from '@orca/database/testing';
import { createOutbound, signWebhook } from '@orca/outbound';
import { clientOf } from '@orca/protocol';
import { startCutProxy } from '../testing/cut-proxy.ts';
import { isResult, startFakeClient } from '../testing/fake-client.ts';
import { makeJob } from '../testing/make-job.ts';
import { runDeliverLoop } from './deliver-loop.ts';

const DEADLINE_MS = 30_000;

const outbound = createOutbound({
  policy: { production: false, allow: [], refusePrivate: false, alwaysRefuse: [] },
  userAgent: 'orca-test',
});

/** A loop over a database of its own, reached through a proxy that can be cut. */
async function startLoop() {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await cloneDatabase());
  const proxy = opened.use(await startCutProxy(database.url));
  const db = opened.use(await connectDatabase({ url: proxy.url, applicationName: 'orca-test-deliveries' }));
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log = createLogger({ name: 'test', level: 'info', pretty: false }, { write });
  const stopping = new AbortController();
  const hurried = new AbortController();
  const running = runDeliverLoop(
    { databaseUrl: proxy.url, serverId: randomUUID(), postsMax: 16, pollMs: 500 },
    { db, outbound, log },
    { stopping: stopping.signal, hurried: hurried.signal },
  );
  const workerId = randomUUID();
  await registerWorker(database.db, {
    workerId,
    hostname: 'test',
    tokenHash: randomBytes(32),
    version: '0',
    slots: 1,
    engineId: 'none',
  });
  const stack = opened.move();
  return {
    db: database.db,
    proxy,
    log: () => lines.join(''),
    workerId,
    stop: async (hurry = false) => {
      stopping.abort();
      if (hurry) hurried.abort();
      await running;
    },
    async [Symbol.asyncDispose]() {
      proxy.mend();
      stopping.abort();
      hurried.abort();
      await running;
      await stack.disposeAsync();
    },
  };
}

/** Makes a job, grades it by hand, and so owes its client a status and this result. */
async function owe(
  loop: { db: Database; workerId: string },
  responseUrl: string,
  key: string = randomUUID(),
): Promise<{ jobId: number; gradingId: string; body: string }> {
  const config = makeJob({ key, response_url: responseUrl, collation: { type: 'user', id: key } });
  const { db, workerId } = loop;
  const client = clientOf(responseUrl);
  const place = { client, key, responseUrl, collation: config.collation, delaySeconds: 0, immediate: false };
  await enqueueJob(db, { ...place, config });
  const job = await claimJob(db, { workerId, leaseSeconds: 60 });
  assert.ok(job !== null);
  const gradingId = `msg_${randomUUID().replaceAll('-', '')}`;
  const body = `{"key":${JSON.stringify(key)},"shell_responses":[],"errors":[],"output":"ü \u2028 ✓"}`;
  const lease = { jobId: job.jobId, leaseToken: job.leaseToken };
  assert.ok(await finishJob(db, { ...lease, outcome: 'graded', gradingId, body }));
  await notifyDeliveries(db);
  return { jobId: job.jobId, gradingId, body };
}

/** Waits until a line that matches was logged. */
async function logged(loop: { log: () => string }, line: RegExp): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (
    !loop
      .log()
      .split('\n')
      .some((text) => line.test(text))
  ) {
    assert.ok(performance.now() < deadline, `nothing like ${line} was logged:\n${loop.log()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until nothing is owed any more. */
async function settled(db: Database): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while ((await nextDeliveryMs(db)) !== null) {
    assert.ok(performance.now() < deadline, 'something is still owed');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

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
