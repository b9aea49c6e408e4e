import { createServer, type ServerResponse } from 'node:http';
import { type Metrics, METRICS_TYPE } from './metrics.ts';

/** What a process needs to do its work, by name; `null` is well, a sentence says what is wrong. */
export type Health = Readonly<Record<string, string | null>>;

/** The answer to `/readyz`: `not ready` when anything is wrong. */
export interface HealthReport {
  readonly status: 'ready' | 'not ready';
  readonly checks: Readonly<Record<string, string>>;
}

/** What is asked of a process from outside. */
export interface HealthDeps {
  readonly metrics: Metrics;
  readonly checkHealth: () => Promise<Health>;
}

const OK = 200;
const NOT_FOUND = 404;
const UNAVAILABLE = 503;
const PATHS = '/metrics, /healthz, /readyz';

/** What the checks say, for whoever asks. */
export function reportHealth(health: Health): HealthReport {
  const isReady = Object.values(health).every((problem) => problem === null);
  const checks = Object.fromEntries(Object.entries(health).map(([name, problem]) => [name, problem ?? 'ok']));
  return { status: isReady ? 'ready' : 'not ready', checks };
}

/**
 * Serves `/metrics`, `/healthz` (200 while the process lives) and `/readyz` (503 while it cannot work, each reason named)
 * on a port of their own, which clients do not reach.
 *
 * @param place.port 0 takes a free one
 * @returns where it listens; disposing of it ends it
 * @throws {Error} with the system's code when it cannot listen there
 */
export async function serveHealth(
  place: { readonly host: string; readonly port: number },
  deps: HealthDeps,
): Promise<AsyncDisposable & { readonly address: string }> {
  const server = createServer((request, response) => {
    answer(request.url ?? '', response, deps).catch(() => response.destroy());
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(place.port, place.host, listening.resolve);
  await listening.promise;
  const bound = server.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : place.port;
  return {
    address: `http://${place.host}:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

async function answer(url: string, response: ServerResponse, deps: HealthDeps): Promise<void> {
  const json = (status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
  };
  switch (url.split('?')[0]) {
    case '/metrics':
      response.writeHead(OK, { 'content-type': METRICS_TYPE }).end(await deps.metrics.render());
      return;
    case '/healthz':
      return json(OK, { status: 'alive' });
    case '/readyz': {
      const report = reportHealth(await deps.checkHealth());
      return json(report.status === 'ready' ? OK : UNAVAILABLE, report);
    }
    default:
      return json(NOT_FOUND, { errors: [`Cannot find "${url}": there are ${PATHS}`] });
  }
}
