import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { packPath } from '@orca/cli/demo';

/** A result that came. */
export type ReceivedResult = {
  /** By `performance.now()`. */
  atMs: number;
  output: string;
  errors: readonly unknown[];
};

/** How often files went out whole, and how often they were only asked about. */
export type FileCounts = { bodies: number; notModified: number };

/** The course site of the night: hands out files under an ETag, and takes results. */
export type CourseSite = AsyncDisposable & {
  responseUrl: string;
  filesUrl(example: string): string;
  counts: FileCounts;
  /** The first result of a key. */
  resultOf(key: string): Promise<ReceivedResult>;
};

const NOT_MODIFIED = 304;

/** Starts the site on loopback, with one example's folder. */
export async function openCourseSite(folder: string): Promise<CourseSite> {
  const counts: FileCounts = { bodies: 0, notModified: 0 };
  const packed = new Map<string, Promise<{ bytes: Buffer; etag: string } | null>>();
  const results = new Map<string, PromiseWithResolvers<ReceivedResult>>();
  const arrivalOf = (key: string): PromiseWithResolvers<ReceivedResult> => {
    const arrival = results.get(key) ?? Promise.withResolvers<ReceivedResult>();
    results.set(key, arrival);
    return arrival;
  };
  const sendFile = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // `/files/<example>/<path>`; each is packed once.
    const path = decodeURIComponent(
      new URL(request.url ?? '/', 'http://site').pathname.split('/').slice(3).join('/'),
    );
    const packing = packed.get(path) ?? pack(folder, path);
    packed.set(path, packing);
    const file = await packing;
    if (file === null) response.writeHead(404).end();
    else if (request.headers['if-none-match'] === file.etag) {
      counts.notModified += 1;
      response.writeHead(NOT_MODIFIED).end();
    } else {
      counts.bodies += 1;
      response.writeHead(200, { etag: file.etag }).end(file.bytes);
    }
  };
  const takePost = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await json(request);
    const atMs = performance.now();
    response.setHeader('content-type', 'application/json').end('{"message":"thanks"}');
    const { key, shell_responses: responses, output, errors } = fieldsOf(body);
    if (typeof key === 'string' && responses !== undefined)
      arrivalOf(key).resolve({
        atMs,
        output: String(output ?? ''),
        errors: Array.isArray(errors) ? errors : [],
      });
  };
  const server = createServer((request, response) => {
    const answer = request.method === 'POST' ? takePost : sendFile;
    answer(request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('Cannot open the course site: no port');
  const url = `http://127.0.0.1:${address.port}`;
  return {
    counts,
    responseUrl: `${url}/results`,
    filesUrl: (example) => `${url}/files/${encodeURIComponent(example)}`,
    resultOf: (key) => arrivalOf(key).promise,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function pack(folder: string, path: string): Promise<{ bytes: Buffer; etag: string } | null> {
  const bytes = await packPath(folder, path);
  if (bytes === null) return null;
  return { bytes, etag: `"${createHash('sha256').update(bytes).digest('hex')}"` };
}

function fieldsOf(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? Object.fromEntries(Object.entries(body)) : {};
}
