import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import Fastify from 'fastify';
import { openEventStream } from './event-stream.ts';

/** Longer than a test waits. */
const SLOW_MS = 60_000;

test('openEventStream() finds at once that its client has gone before it was opened', {
  timeout: 30_000,
}, async () => {
  const server = Fastify();
  const opened = Promise.withResolvers<unknown>();
  const arrived = Promise.withResolvers<void>();
  server.get('/events', async (request, reply) => {
    arrived.resolve();
    if (!request.raw.socket.destroyed) await once(request.raw.socket, 'close');
    opened.resolve(openEventStream(reply, { slowMsMax: SLOW_MS }).catch((error: unknown) => error));
    return reply;
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const address = server.server.address();
  assert.ok(address !== null && typeof address === 'object');
  const client = connect(address.port, '127.0.0.1');
  client.write('GET /events HTTP/1.1\r\nhost: x\r\n\r\n');
  await arrived.promise;
  client.destroy();
  assert.ok((await opened.promise) instanceof Error);
  await server.close();
});
