import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { createOpenSockets } from './open-sockets.ts';

/** A socket that is connected, as the driver has it, and its other end. */
async function connectPair() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const sockets = createOpenSockets();
  const socket = sockets.open();
  socket.on('error', () => undefined); // the driver's
  socket.connect({ host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 });
  const [[other]]: [Socket[], unknown] = await Promise.all([
    once(server, 'connection'),
    once(socket, 'connect'),
  ]);
  assert.ok(other !== undefined);
  return { sockets, socket, other, [Symbol.dispose]: () => void server.close() };
}

test('endInOrder() is content when a server resets a connection instead of saying goodbye', async () => {
  using pair = await connectPair();
  const ending = pair.sockets.endInOrder(Promise.resolve());
  await Promise.resolve();
  pair.other.resetAndDestroy();
  await ending;
  assert.equal(pair.socket.destroyed, true);
});

test('endInOrder() cuts what says no goodbye', async () => {
  using pair = await connectPair();
  await pair.sockets.endInOrder(Promise.resolve());
  assert.equal(pair.socket.destroyed, true);
});
