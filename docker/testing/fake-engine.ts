import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Something that answers on a socket like an engine, as wrong as a test wants it. */
export interface FakeEngine extends AsyncDisposable {
  /** For `DOCKER_HOST`. */
  readonly dockerHost: string;
}

/** Starts a fake engine on a socket of its own. */
export async function startFakeEngine(listener: RequestListener): Promise<FakeEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'orca-engine-test-'));
  const path = join(folder, 'engine.sock');
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    dockerHost: `unix://${path}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}
