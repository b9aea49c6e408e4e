import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { checkPort } from './check-port.ts';

test('checkPort() refuses a port that another program has, with a sentence, and leaves a free one free', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  await assert.rejects(checkPort(address.port), {
    name: 'UserError',
    message: `Cannot listen on port ${address.port}: another program has it. Stop that, or name another with --port`,
  });
  server.close();
  await once(server, 'close');
  await checkPort(address.port);
  await checkPort(address.port);
  await checkPort(0);
});
