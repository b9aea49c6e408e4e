import { randomUUID } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { DaemonContext, Logger, RunningDaemon } from '@orca/daemon';
import { connectDatabase, type Database, findSchemaState, migrate } from '@orca/database';
import { createOutbound, endpointOf, type Outbound } from '@orca/outbound';
import type { FastifyInstance } from 'fastify';
import { createAuthenticate } from './authenticate.ts';
import { runDeliverLoop } from './deliveries/deliver-loop.ts';
import { createServer } from './server.ts';
import type { serverSettings } from './server-settings.ts';

type Context = DaemonContext<typeof serverSettings>;
type Settings = Context['settings'];

const POSTGRES_PORT = 5432;
const DOCKER_PORT = 2375;

/** POSTs under way end by themselves in this time; then they are called off. */
const DRAIN_MS = 15_000;

/**
 * Starts the API and the delivery loop in this process.
 *
 * Draining: requests are answered 503 and no delivery is begun any more; POSTs under way end, at most 15 s; then the
 * API stops listening and the connections to the database are closed.
 *
 * @returns where it listens, and how to drain it
 * @throws what hinders the start; everything that was opened is closed again
 */
export async function startServer({ settings, log, stopping }: Context): Promise<RunningDaemon> {
  await using opened = new AsyncDisposableStack();
  const outbound = outboundOf(settings);
  const db = opened.use(await openDatabase(settings, log));
  const production = settings.ENVIRONMENT === 'production';
  const authenticate = createAuthenticate({ db, production, log });
  const server = createServer({ db, authenticate, log, isDraining: () => stopping.aborted });
  opened.defer(() => server.close());
  const address = await listen(server, settings);
  const hurry = new AbortController();
  const delivering = runDeliverLoop(
    { databaseUrl: settings.POSTGRES_URL, serverId: randomUUID(), postsMax: settings.ORCA_DELIVERIES_MAX },
    { db, outbound, log },
    { stopping, hurried: hurry.signal },
  );
  const closing = opened.move();
  return {
    address,
    async drain(hurried) {
      const late = AbortSignal.any([hurried, AbortSignal.timeout(DRAIN_MS)]);
      late.addEventListener('abort', () => hurry.abort(), { once: true });
      if (late.aborted) hurry.abort();
      await delivering;
      await closing.disposeAsync();
    },
  };
}

/** Clients are never sent to our own database or engine, whatever name they give them. */
function outboundOf(settings: Settings): Outbound {
  return createOutbound({
    policy: {
      production: settings.ENVIRONMENT === 'production',
      allow: settings.ORCA_ALLOW_ADDRESSES,
      refusePrivate: settings.ORCA_REFUSE_PRIVATE,
      alwaysRefuse: [
        ...endpointOf(settings.POSTGRES_URL, POSTGRES_PORT),
        ...endpointOf(settings.DOCKER_HOST ?? '', DOCKER_PORT),
      ],
    },
    userAgent: 'Orca/0.1',
  });
}

async function openDatabase(settings: Settings, log: Logger): Promise<Database> {
  const db = await connectDatabase({
    url: settings.POSTGRES_URL,
    applicationName: 'orca-server',
    onError: (err) => log.warn({ err }, 'a connection to the database was lost'),
  });
  try {
    await ensureSchema(db, { settings, log });
    return db;
  } catch (error) {
    await db[Symbol.asyncDispose]();
    throw error;
  }
}

/** In production nobody changes the schema unasked: other servers may still run on the old one. */
async function ensureSchema(
  db: Database,
  { settings, log }: Pick<Context, 'settings' | 'log'>,
): Promise<void> {
  if (settings.ENVIRONMENT !== 'production') {
    const { applied } = await migrate(db);
    if (applied.length > 0) log.info({ applied }, 'database migrated');
    return;
  }
  const state = await findSchemaState(db);
  if (state.kind === 'current') return;
  const now =
    state.kind === 'newer' ? 'a newer Orca has changed it' : `${state.missing.join(', ')} is missing`;
  throw new Error(`Cannot use the schema of the database: ${now}; run npm run migrate of this version`);
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
