import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitFor } from './wait-for.ts';

/** One POST that the fake client received; `body` is what came over the wire, byte for byte. */
export interface ReceivedPost {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** The parsed body; the tests look into it with `assert`, so it stays loosely typed. */
  readonly json: Received;
}

/** What Orca POSTs, as far as the tests look into it. */
export interface Received {
  readonly key?: string;
  readonly status?: { location: string; id: number };
  readonly errors?: string[];
  readonly error_codes?: string[];
  readonly output?: string;
  readonly shell_responses?: {
    cmd: string | string[];
    stdout: string;
    stderr: string;
    is_error: boolean;
    did_timeout: boolean;
    timed_out: boolean;
    status_code: number | null;
    limit?: { kind: string; sentence: string };
    usage?: Record<string, number>;
  }[];
  readonly tests?: { name: string; status: string }[];
  readonly score?: { earned: number; available: number };
  readonly timings?: Record<string, number>;
  readonly grading_id?: string;
  /** Of the outcome of an image's build. */
  readonly was_successful?: boolean;
  readonly logs?: { step: string; output?: string; error?: string }[];
}

/** Answers one request; `attempt` counts the requests for this path from 1, `post` is what a POST brought. */
export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  attempt: number,
  post: ReceivedPost | null,
) => void | Promise<void>;

/** A course site on loopback: serves files, receives POSTs, and misbehaves where a test says so. */
export interface FakeClient extends AsyncDisposable {
  /** `http://127.0.0.1:port`, without a trailing slash. */
  readonly url: string;
  readonly posts: readonly ReceivedPost[];
  /** Serves `content` at `path`; returns its URL. */
  serve(path: string, content: Buffer | string): string;
  /** Answers requests for `path` by `handler`; returns its URL. POSTs are recorded all the same. */
  answer(path: string, handler: Handler): string;
  /** How often `path` was asked for. */
  requestsOf(path: string): number;
  /** The results (not the status updates) received for a key so far. */
  resultsOf(key: string): ReceivedPost[];
  /** Waits for the first result of a key. */
  waitForResult(key: string, timeoutMs?: number): Promise<ReceivedPost>;
}

/** The whole body; `null` when the connection was cut before its end. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
  } catch {
    return null;
  }
  return Buffer.concat(chunks);
}

/** Starts a fake client on a free port of loopback. */
export async function startFakeClient(): Promise<FakeClient> {
  const handlers = new Map<string, Handler>();
  const counts = new Map<string, number>();
  const posts: ReceivedPost[] = [];

  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://client').pathname;
    const attempt = (counts.get(path) ?? 0) + 1;
    counts.set(path, attempt);
    let post: ReceivedPost | null = null;
    if (request.method === 'POST') {
      const body = await readBody(request);
      if (body === null) return;
      post = { path, headers: request.headers, body, json: JSON.parse(body.toString()) };
      posts.push(post);
    }
    const handler = handlers.get(path);
    if (handler !== undefined) await handler(request, response, attempt, post);
    else if (request.method === 'POST') response.end('{"message":"thanks"}');
    else response.writeHead(404).end('no such file');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  const answer = (path: string, handler: Handler): string => {
    handlers.set(path, handler);
    return url + path;
  };
  const resultsOf = (key: string): ReceivedPost[] =>
    posts.filter((post) => post.json.key === key && post.json.shell_responses !== undefined);

  return {
    url,
    posts,
    answer,
    resultsOf,
    serve: (path, content) => answer(path, (_request, response) => void response.end(content)),
    requestsOf: (path) => counts.get(path) ?? 0,
    waitForResult: (key, timeoutMs = 60_000) =>
      waitFor(`the result of ${key}`, () => resultsOf(key)[0], timeoutMs),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
