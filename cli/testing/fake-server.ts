import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

/** What the fake is to answer; `null`: nothing, and it keeps the caller waiting. */
type FakeAnswer = { readonly status: number; readonly json: unknown } | null;

/** Something that answers as an API server would. */
export interface FakeServer extends AsyncDisposable {
  readonly url: string;
  /** What it was sent, in order. */
  readonly bodies: readonly unknown[];
}

/** @param answer is told how often it was asked before */
export async function startFakeServer(answer: (calls: number) => FakeAnswer): Promise<FakeServer> {
  const bodies: unknown[] = [];
  const server = createServer(async (request, response) => {
    const calls = bodies.push(await json(request).catch(() => null)) - 1;
    const given = answer(calls);
    if (given === null) return;
    response.writeHead(given.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(given.json));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('Cannot start the fake: it has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    bodies,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
