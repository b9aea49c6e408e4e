import { createLogger } from '@orca/daemon';
import { connectDatabase, type Database } from '@orca/database';
import { type CutProxy, cloneDatabase, startCutProxy } from '@orca/database/testing';
import { createAuthenticate } from '../authenticate.ts';
import { createServer } from '../server.ts';
import type { TestAnswer } from './read-answer.ts';

/** The API on a free port of loopback, over a database of its own. */
export type TestApi = AsyncDisposable & {
  url: string;
  port: number;
  /** Straight to the database; the API goes through `proxy`. */
  db: Database;
  proxy: CutProxy;
  /** The lines that the API logged so far, each a JSON object. */
  log: () => string;
  drain(): void;
  request(path: string, init?: RequestInit): Promise<TestAnswer>;
  put(job: unknown, headers?: Record<string, string>): Promise<TestAnswer>;
};

/** @param options.production as `ENVIRONMENT=production`: no key, no entry */
export async function startApi(options: { production?: boolean } = {}): Promise<TestApi> {
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
  const authenticate = createAuthenticate({ db, production: options.production ?? false, log });
  const server = createServer({ db, authenticate, log, isDraining: () => isDraining });
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
    proxy,
    log: () => lines.join(''),
    drain: () => {
      isDraining = true;
    },
    request,
    put: (job, headers = {}) =>
      request('/api/v1/grading_queue', {
        method: 'PUT',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof job === 'string' ? job : JSON.stringify(job),
      }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
