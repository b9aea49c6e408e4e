import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { test } from 'node:test';
import { createLogger } from './logger.ts';
import { openSpanExporter, type Span } from './span-exporter.ts';

const log = createLogger({ name: 'test', level: 'silent', pretty: false });
const ROOT: Span = {
  ...{ trace: 'msg_1', isRoot: true, name: 'job', fromMs: 1_700_000_000_000.5, toMs: 1_700_000_000_100 },
  attributes: { 'orca.job_id': 17, 'orca.outcome': 'graded', share: 0.5, first: true },
};
const PART: Span = {
  trace: 'msg_1',
  name: 'image',
  fromMs: 1_700_000_000_001,
  toMs: 1_700_000_000_000,
  attributes: {},
};

interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly [name: string]: unknown;
}

/** A collector that remembers what it was sent. */
async function startCollector(status = 200) {
  const requests: { path: string; body: unknown }[] = [];
  const server = createServer(async (request, response) => {
    requests.push({ path: request.url ?? '', body: await json(request) });
    response.writeHead(status).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    requests,
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function spansIn(body: unknown): SentSpan[] {
  const { resourceSpans } = body as { resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[] };
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

test('openSpanExporter() sends what it was given as OTLP has it, one trace for one name, parts below the root', async () => {
  await using collector = await startCollector();
  const exporter = openSpanExporter(`${collector.url}/base`, 'orca-worker', { log });
  exporter.add([ROOT, PART]);
  exporter.add([{ ...PART, trace: 'msg_2' }]);
  await exporter[Symbol.asyncDispose]();
  const [request, ...more] = collector.requests;
  assert.equal(more.length, 0, 'in one batch');
  assert.equal(request?.path, '/base/v1/traces');
  assert.partialDeepStrictEqual(request?.body, {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'orca-worker' } }] },
        scopeSpans: [{ scope: { name: 'orca' } }],
      },
    ],
  });
  const [root, part, other] = spansIn(request?.body);
  assert.match(root?.traceId ?? '', /^[0-9a-f]{32}$/);
  assert.match(root?.spanId ?? '', /^[0-9a-f]{16}$/);
  assert.equal(root?.parentSpanId, undefined);
  assert.deepEqual([part?.traceId, part?.parentSpanId], [root?.traceId, root?.spanId]);
  assert.notEqual(part?.spanId, root?.spanId);
  assert.notEqual(other?.traceId, root?.traceId);
  assert.partialDeepStrictEqual(root, {
    name: 'job',
    startTimeUnixNano: '1700000000000500000',
    endTimeUnixNano: '1700000000100000000',
    attributes: [
      { key: 'orca.job_id', value: { intValue: '17' } },
      { key: 'orca.outcome', value: { stringValue: 'graded' } },
      { key: 'share', value: { doubleValue: 0.5 } },
      { key: 'first', value: { boolValue: true } },
    ],
  });
  assert.equal(part?.['startTimeUnixNano'], part?.['endTimeUnixNano'], 'nothing ends before it began');
});

test('openSpanExporter() names no parent for spans of a trace without a root, each of which is its own', async () => {
  await using collector = await startCollector();
  const exporter = openSpanExporter(collector.url, 'orca-server', { log });
  exporter.add([PART, { ...PART, isAlone: true }, { ...PART, isAlone: true }]);
  await exporter[Symbol.asyncDispose]();
  const [part, first, second] = spansIn(collector.requests[0]?.body);
  assert.ok(part?.parentSpanId !== undefined && first !== undefined && second !== undefined);
  for (const { traceId, spanId, parentSpanId } of [first, second]) {
    assert.deepEqual([traceId, parentSpanId], [part.traceId, undefined]);
    assert.notEqual(spanId, part.parentSpanId);
  }
  assert.notEqual(first.spanId, second.spanId);
});

test('openSpanExporter() sends by itself, soon', async () => {
  await using collector = await startCollector();
  await using exporter = openSpanExporter(collector.url, 'orca-server', { log });
  exporter.add([ROOT]);
  const giveUpAt = performance.now() + 30_000;
  while (collector.requests.length === 0) {
    assert.ok(performance.now() < giveUpAt, 'nothing was sent');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(spansIn(collector.requests[0]?.body).length, 1);
});

test('openSpanExporter() has one request under way, and keeps a bounded number of spans for a collector that is silent', async (t) => {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const bodies: unknown[] = [];
  t.mock.method(globalThis, 'fetch', async (_url: unknown, { body }: { body: string }) => {
    bodies.push(JSON.parse(body));
    resolve();
    if (bodies.length === 1) await collector.promise;
    return new Response('{}');
  });
  const collector = Promise.withResolvers<void>();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const exporter = openSpanExporter('http://collector.example.edu', 'orca-worker', { log });
  for (let second = 0; second < 5; second += 1) {
    exporter.add(Array.from({ length: 1_000 }, () => PART));
    t.mock.timers.tick(1_000);
  }
  await asked;
  const closed = exporter[Symbol.asyncDispose]();
  collector.resolve();
  await closed;
  assert.deepEqual(
    bodies.map((body) => spansIn(body).length),
    [1_000, 2_000],
  );
});

test('openSpanExporter() says once that a collector takes nothing, and goes on', async () => {
  await using collector = await startCollector(503);
  const warnings: string[] = [];
  const write = (line: string): void => void warnings.push(line);
  const listening = createLogger({ name: 'test', level: 'warn', pretty: false }, { write });
  for (const endpoint of [collector.url, 'http://127.0.0.1:1']) {
    const exporter = openSpanExporter(endpoint, 'orca-worker', { log: listening });
    exporter.add([ROOT]);
    await exporter[Symbol.asyncDispose]();
    exporter.add([ROOT]);
    await exporter[Symbol.asyncDispose]();
  }
  assert.equal(warnings.length, 2);
});

test('openSpanExporter() without an endpoint drops all', async () => {
  await using exporter = openSpanExporter(null, 'orca-worker', { log });
  exporter.add([ROOT]);
});
