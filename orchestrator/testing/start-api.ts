import { createLogger } from '@orca/daemon';
import { connectDatabase, type Database } from '@orca/database';
import { type CutProxy, cloneDatabase, startCutProxy } from '@orca/database/testing';
import { createAuthenticate } from '../authenticate.ts';
import type { Rate } from '../limit-rate.ts';
import { createServer } from '../server.ts';
import type { TestAnswer } from './read-answer.ts';

/** The API on a free port of loopback, over a database of its own. */
export type TestApi = AsyncDisposable & {
  url: string;
  port: number;
  /** Straight to the database; the API goes through `proxy`. */
  db: Database;
  /** Its URL, for other processes. */
  databaseUrl: string;
  proxy: CutProxy;
  /** The lines that the API logged so far, each a JSON object. */
  log: () => string;
  drain(): void;
  request(path: string, init?: RequestInit): Promise<TestAnswer>;
  put(job: unknown, headers?: Record<string, string>): Promise<TestAnswer>;
  /** To a path under `/api/v1/grader_images`. */
  postImage(body: unknown, headers?: Record<string, string>, path?: string): Promise<TestAnswer>;
};

/** How a test wants its API. */
export type TestApiOptions = {
  /** As `ENVIRONMENT=production`: no key, no entry. */
  production?: boolean;
  /** Where saved images lie; otherwise a folder that does not exist. */
  imageFolder?: string;
  downloadStallMs?: number;
  connectionsMax?: number;
  /** What one key may send. */
  keyRate?: Rate;
};

/** Starts the API as a test wants it. */
export async function startApi(options: TestApiOptions = {}): Promise<TestApi> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await cloneDatabase());
  const proxy = opened.use(await startCutProxy(database.url));
  const db = opened.use(await connectDatabase({ url: proxy.url, applicationName: 'orca-test-api' }));
  const lines: string[] = [];
  const log = createLogger(
    { name: 'test', level: 'info', pretty: false },
    { write: (line: string) => void lines.push(line) },
  );
  let isDraining = false;
  const { imageFolder = '/nowhere/images', production = false, keyRate, ...others } = options;
  const rate = keyRate === undefined ? {} : { keyRate };
  const authenticate = createAuthenticate({ db, production, log, ...rate });
  const server = createServer({
    ...{ ...others, db, authenticate, log, imageFolder },
    allowRemoteAdd: false,
    isDraining: () => isDraining,
  });
  opened.defer(() => server.close());
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const request: TestApi['request'] = async (path, init) => {
    const answer = await fetch(`${url}${path}`, init);
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };
  const stack = opened.move();
  return {
    url,
    port: Number(new URL(url).port),
    db: database.db,
    databaseUrl: database.url,
    proxy,
    log: () => lines.join(''),
    drain: () => {
      isDraining = true;
    },
    request,
    put: (job, headers = {}) => request('/api/v1/grading_queue', sending('PUT', job, headers)),
    postImage: (body, headers = {}, path = '') =>
      request(`/api/v1/grader_images${path}`, sending('POST', body, headers)),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A text is sent as it is. */
function sending(method: string, body: unknown, headers: Record<string, string>): RequestInit {
  return {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}
