import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../call-engine.ts';
import { parseDockerHost } from '../engine-address.ts';

/** Something that answers on a socket like an engine, as wrong as a test wants it. */
export interface FakeEngine extends AsyncDisposable {
  /** For `DOCKER_HOST`. */
  readonly dockerHost: string;
  /** As if it had been connected to. */
  readonly engine: Engine;
}

/** Starts a fake engine on a socket of its own. */
export async function startFakeEngine(listener: RequestListener): Promise<FakeEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'orca-engine-test-'));
  const path = join(folder, 'engine.sock');
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const dockerHost = `unix://${path}`;
  return {
    dockerHost,
    engine: { address: parseDockerHost(dockerHost) ?? assert.fail(dockerHost), apiVersion: '1.41' },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

/** Reads a request to its end, then answers with these JSON messages; `isCut` breaks the connection behind them. */
export function answerWith(response: ServerResponse, messages: readonly unknown[], isCut = false): void {
  response.req.resume().on('end', () => {
    response.flushHeaders();
    for (const message of messages) response.write(`${JSON.stringify(message)}\n`);
    // The end of a chunk that has been written must have left before the connection breaks.
    if (isCut) setImmediate(() => response.socket?.destroySoon());
    else response.end();
  });
}
