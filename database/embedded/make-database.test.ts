import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { makeDatabase } from './make-database.ts';

/** That the client is known, and may ask. */
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

/** Something that listens like a server, and does with the first bytes and with the second what a test says. */
async function listen(...acts: ((socket: Socket) => void)[]) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let heard = 0;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => {
      acts[heard]?.(socket);
      heard += 1;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    url: `postgres://orca:secret@127.0.0.1:${address.port}/orca`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

test('makeDatabase() fails, and nothing else does, when the server dies meanwhile', async () => {
  const die = (socket: Socket): void => void socket.resetAndDestroy();
  const welcome = (socket: Socket): void => void socket.write(WELCOME);
  for (const acts of [[die], [welcome, die]]) {
    await using server = await listen(...acts);
    await assert.rejects(makeDatabase(server.url, 'orca'));
  }
});

test('makeDatabase() fails when the server never answers', async () => {
  await using server = await listen();
  await assert.rejects(makeDatabase(server.url, 'orca'), /timeout/);
});
