import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { baseImageSha, type GradingJobConfig } from '@orca/protocol';

/** A client that sends jobs and takes their results, with files as large as their names say: `/<bytes>/<anything>`. */
export type BenchClient = AsyncDisposable & {
  url: string;
  /** Sends a job that runs one command with files of so many bytes, and waits for its result. @returns its output */
  grade(key: string, command: string, files?: Readonly<Record<string, number>>): Promise<string>;
};

const CHUNK = Buffer.alloc(64 * 1024, 'orca\n');
const NOT_MODIFIED = 304;

/**
 * Starts the client on loopback.
 *
 * @param put sends a job to Orca
 */
export async function openClient(put: (job: GradingJobConfig) => Promise<unknown>): Promise<BenchClient> {
  const results = new Map<string, PromiseWithResolvers<string>>();
  const server = createServer((request, response) => {
    const answer = request.method === 'POST' ? takePost(results) : sendFile;
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Cannot open the client: no port');
  const url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    async grade(key, command, files = {}) {
      const arrival = Promise.withResolvers<string>();
      results.set(key, arrival);
      await put(jobOf(key, command, { url, files }));
      const output = await arrival.promise;
      results.delete(key);
      return output;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function jobOf(
  key: string,
  command: string,
  { url, files }: { url: string; files: Readonly<Record<string, number>> },
): GradingJobConfig {
  const file = (bytes: number, name: string) => ({
    ...{ url: `${url}/${bytes}/${name}`, mime_type: 'text/plain', should_replace_paths: false },
  });
  return {
    key,
    collation: { type: 'user', id: key },
    metadata_table: {},
    files: Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, file(bytes, name)])),
    priority: 0,
    script: [{ cmd: command, on_complete: 'output' }],
    response_url: `${url}/results`,
    grader_image_sha: baseImageSha(),
  };
}

async function sendFile(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '';
  const bytes = Number(path.split('/')[1]);
  const etag = `"${createHash('sha256').update(path).digest('hex')}"`;
  if (request.headers['if-none-match'] === etag) response.writeHead(NOT_MODIFIED).end();
  else
    await pipeline(
      Readable.from(chunksOf(bytes)),
      response.writeHead(200, { etag, 'content-length': bytes }),
    );
}

function* chunksOf(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= CHUNK.length)
    yield CHUNK.subarray(0, Math.min(left, CHUNK.length));
}

function takePost(results: ReadonlyMap<string, PromiseWithResolvers<string>>) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body: unknown = await json(request);
    response.end('{"message":"thanks"}');
    if (typeof body !== 'object' || body === null || !('key' in body) || !('shell_responses' in body)) return;
    const errors = 'errors' in body && Array.isArray(body.errors) ? body.errors : [];
    const arrival = results.get(String(body.key));
    if (errors.length > 0)
      arrival?.reject(new Error(`Cannot measure: a result has errors: ${errors.join('; ')}`));
    else arrival?.resolve('output' in body ? String(body.output) : '');
  };
}
