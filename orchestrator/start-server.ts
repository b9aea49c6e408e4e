import { randomUUID } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { type DaemonContext, openSpanExporter, type RunningDaemon, watchClock } from '@orca/daemon';
import { openDatabase, readClock } from '@orca/database';
import { createOutbound } from '@orca/outbound';
import type { FastifyInstance } from 'fastify';
import { createAuthenticate } from './authenticate.ts';
import { runDeliverLoop } from './deliveries/deliver-loop.ts';
import { spansOfTry } from './deliveries/spans-of-try.ts';
import { keepEventsPruned } from './events/keep-events-pruned.ts';
import { outboundPolicy } from './outbound-policy.ts';
import { checkServer } from './routes/health.ts';
import { retentionOf, runRetention } from './retention.ts';
import { createServer } from './server.ts';
import { serverMetrics } from './server-metrics.ts';
import type { serverSettings } from './server-settings.ts';

type Context = DaemonContext<typeof serverSettings>;
type Settings = Context['settings'];

const HOUR_SECONDS = 3_600;

/** POSTs and downloads under way end by themselves in this time; then they are called off. */
const DRAIN_MS = 15_000;

/**
 * Starts the API and the delivery loop in this process.
 *
 * Draining: requests are answered 503 and no delivery is begun any more; POSTs and downloads of images under way end, at
 * most 15 s; then the API stops listening and the connections to the database are closed.
 *
 * @returns where it listens, and how to drain it
 * @throws what hinders the start; everything that was opened is closed again
 */
export async function startServer({
  settings,
  log,
  metrics,
  gate,
  stopping,
}: Context): Promise<RunningDaemon> {
  await using opened = new AsyncDisposableStack();
  const outbound = createOutbound({ policy: outboundPolicy(settings), userAgent: 'Orca/0.1' });
  const production = settings.ENVIRONMENT === 'production';
  const database = { url: settings.POSTGRES_URL, applicationName: 'orca-server', mayMigrate: !production };
  const db = opened.use(await openDatabase(database, log));
  const keyRate = {
    perSecond: settings.ORCA_KEY_REQUESTS_PER_SECOND,
    burst: settings.ORCA_KEY_REQUESTS_BURST,
  };
  const authenticate = createAuthenticate({ db, production, log, keyRate });
  const counts = serverMetrics(metrics, db);
  const imageFolder = settings.ORCA_IMAGE_FOLDER;
  const server = createServer({
    ...{ db, authenticate, log },
    imageFolder,
    connectionsMax: settings.ORCA_CONNECTIONS_MAX,
    metrics: counts,
    allowRemoteAdd: settings.ORCA_BUILD_ALLOW_ADD,
    isDraining: () => stopping.aborted,
  });
  opened.defer(() => server.close());
  const address = await listen(server, settings);
  const spans = opened.use(openSpanExporter(settings.OTEL_EXPORTER_OTLP_ENDPOINT, 'orca-server', { log }));
  const hurry = new AbortController();
  const delivering = runDeliverLoop(
    { databaseUrl: settings.POSTGRES_URL, serverId: randomUUID(), postsMax: settings.ORCA_DELIVERIES_MAX },
    {
      ...{ db, outbound, log, gate },
      onTry(tried) {
        counts.noteDelivery(tried);
        spans.add(spansOfTry(tried, Date.now()));
      },
    },
    { stopping, hurried: hurry.signal },
  );
  const pruning = runRetention(retentionOf(settings), { db, log }, stopping);
  const retention = {
    seconds: settings.ORCA_EVENT_HOURS * HOUR_SECONDS,
    eventsMax: settings.ORCA_EVENTS_MAX,
  };
  const pruningEvents = keepEventsPruned(retention, { db, log }, stopping);
  const clock = watchClock({ askTime: () => readClock(db), log, metrics }, stopping);
  const closing = opened.move();
  return {
    address,
    checkHealth: () => checkServer(db, imageFolder),
    async drain(hurried) {
      const late = AbortSignal.any([hurried, AbortSignal.timeout(DRAIN_MS)]);
      const callOff = (): void => {
        hurry.abort();
        server.server.closeAllConnections();
      };
      late.addEventListener('abort', callOff, { once: true });
      if (late.aborted) callOff();
      await Promise.all([delivering, pruning, pruningEvents, clock]);
      await closing.disposeAsync();
    },
  };
}

async function listen(server: FastifyInstance, settings: Settings): Promise<string> {
  const anywhere = settings.ENVIRONMENT === 'production' ? '0.0.0.0' : '127.0.0.1';
  const host = settings.ORCA_LISTEN_ADDRESS ?? anywhere;
  await server.listen({ host, port: settings.API_PORT });
  const bound = server.server.address();
  // A string would be the path of a Unix socket, which is never asked for.
  if (bound === null || typeof bound === 'string')
    throw new Error(`Cannot listen on "${host}": it has no port`);
  return `http://${reachableHost(bound.address)}:${bound.port}`;
}

/** An address that a program on this machine can connect to. */
function reachableHost(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return isIPv6(address) ? `[${address}]` : address;
}
