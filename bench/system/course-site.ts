import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

/** A client of Orca's on loopback: it serves one file, and takes results. */
export interface CourseSite extends AsyncDisposable {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** Resolves when the result of a job has come, whole: with the moment by `performance.now()`, and what it says. */
  resultOf(key: string): Promise<ReceivedResult>;
}

/** A result as it came. */
export interface ReceivedResult {
  readonly atMs: number;
  readonly timings: Readonly<Record<string, number>>;
  readonly errors: readonly string[];
}

/** What is looked at of a POST; a status has no `shell_responses`. */
interface Posted {
  readonly key: string;
  readonly shell_responses?: unknown;
  readonly timings?: Record<string, number>;
  readonly errors?: string[];
}

const FILE = 'hello\n';

/** Starts it on a free port. */
export async function startCourseSite(): Promise<CourseSite> {
  const results = new Map<string, PromiseWithResolvers<ReceivedResult>>();
  const awaited = (key: string): PromiseWithResolvers<ReceivedResult> => {
    const known = results.get(key) ?? Promise.withResolvers<ReceivedResult>();
    results.set(key, known);
    return known;
  };
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') return void response.end(FILE);
    const { key, shell_responses, timings = {}, errors = [] } = (await json(request)) as Posted;
    const atMs = performance.now();
    response.end('{"message":"thanks"}');
    if (shell_responses !== undefined) awaited(key).resolve({ atMs, timings, errors });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    resultOf: (key) => awaited(key).promise,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
