import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { test } from 'node:test';
import { makeJob } from './kit/make-job.ts';
import { startOrca } from './kit/start-orca.ts';
import { waitFor } from './kit/wait-for.ts';

/** A span as a collector gets it, as far as it is looked at. */
interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

interface SentBatch {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
}

async function startCollector() {
  const spans: SentSpan[] = [];
  const texts: string[] = [];
  const server = createServer(async (request, response) => {
    const batch = (await json(request)) as SentBatch;
    texts.push(JSON.stringify(batch));
    spans.push(
      ...batch.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
    );
    response.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    ...{ spans, texts, url: `http://127.0.0.1:${address.port}` },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

test("a job's phases, from both processes, come to a collector as one trace, without anything of its own", async () => {
  await using collector = await startCollector();
  await using orca = await startOrca({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  await orca.startWorker();
  const script = [
    { cmd: 'echo s3cret', on_complete: 'next' as const },
    { cmd: ['true'], on_complete: 'output' as const },
  ];
  const { body } = await orca.put(makeJob(orca.client, 'key-s3cret', { script }));
  assert.ok(body.status !== undefined);
  await orca.client.waitForResult('key-s3cret');
  const named = (name: string): SentSpan[] => collector.spans.filter((span) => span.name === name);
  await waitFor('the spans of both', () => named('job').length > 0 && named('delivery').length > 0);

  const names = collector.spans.map(({ name }) => name).toSorted();
  assert.deepEqual(names, [
    'command',
    'command',
    'commands',
    'container',
    'delivery',
    'files',
    'image',
    'job',
    'queued',
    'stored',
    'unpack',
  ]);
  const [root] = named('job');
  assert.ok(root !== undefined && root.parentSpanId === undefined);
  for (const { name, traceId, parentSpanId, startTimeUnixNano, endTimeUnixNano } of collector.spans) {
    assert.equal(traceId, root.traceId, name);
    if (name !== 'job') assert.equal(parentSpanId, root.spanId, name);
    assert.ok(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano), name);
  }
  assert.doesNotMatch(collector.texts.join('\n'), /s3cret/);
});
