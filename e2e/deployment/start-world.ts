import { createServer as createTlsServer } from 'node:https';
import { request } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectDatabase } from '@orca/database';
import { removePostgres, startPostgres } from '@orca/database/embedded';
import { waitFor } from '../kit/wait-for.ts';
import { MACHINES } from './machines.ts';
import { type Machine, type MachineEngine, type MachineName, startMachine } from './start-machine.ts';

/** The guide's machines, all up. */
export interface World extends AsyncDisposable {
  readonly machines: Readonly<Record<MachineName, Machine>>;
  /** PostgreSQL's, with the superuser; as seen from the world. */
  readonly databaseUrl: string;
  /** Runs statements as PostgreSQL's superuser. */
  runSql(statements: string): Promise<void>;
  /** Starts the reverse proxy as soon as its certificate is there. */
  ensureProxy(): Promise<void>;
}

const POSTGRES_PORT = 5432;
const API_PORT = 4000;
const TLS_PORT = 443;
const ENGINE_MS = 60_000;
/** The database that statements about others are given in. */
const MAINTENANCE = 'postgres';

/**
 * Starts PostgreSQL and the machines of the guide: the workers with an engine each, the orchestrator with the one that this
 * machine has.
 *
 * @param base the folder of all machines
 */
export async function startWorld(base: string): Promise<World> {
  await using opened = new AsyncDisposableStack();
  const dataDir = join(base, 'postgres');
  opened.defer(() => removePostgres(dataDir));
  const postgres = opened.use(
    await startPostgres({ dataDir, log: () => undefined, durable: false, database: MAINTENANCE }),
  );
  const address = opened.use(await forward(MACHINES.database.address, Number(new URL(postgres.url).port)));
  const start = (name: MachineName, engine: MachineEngine) => startMachine(name, engine, base);
  const machines = {
    database: await start('database', { kind: 'none' }),
    orchestrator: await start('orchestrator', { kind: 'socket', path: '/var/run/docker.sock' }),
    'worker-1': await start('worker-1', { kind: 'own' }),
    'worker-2': await start('worker-2', { kind: 'own' }),
    course: await start('course', { kind: 'none' }),
  };
  for (const machine of [machines['worker-1'], machines['worker-2']])
    await waitFor(`the engine of ${machine.name}`, () => answers(machine), ENGINE_MS);
  const running = opened.move();
  let proxy: AsyncDisposable | null = null;
  return {
    ...{ machines, databaseUrl: address.url(postgres.url) },
    runSql: (statements) => runSql(postgres.url, statements),
    async ensureProxy() {
      proxy ??= await startProxy(machines.orchestrator.folder);
    },
    async [Symbol.asyncDispose]() {
      await proxy?.[Symbol.asyncDispose]();
      await running.disposeAsync();
    },
  };
}

async function answers(machine: Machine): Promise<boolean> {
  return machine.run('docker version').then(
    () => true,
    () => false,
  );
}

async function runSql(url: string, statements: string): Promise<void> {
  await using db = await connectDatabase({ url, applicationName: 'orca-e2e' });
  for (const text of statements.split(/;\n/).filter((statement) => statement.trim() !== ''))
    await db.query({ name: text.slice(0, 40), text, writes: false });
}

/** Lets the other machines reach PostgreSQL, which listens to its own only. */
async function forward(host: string, port: number) {
  const server = createServer((socket) => {
    const onward = connect(port, '127.0.0.1');
    socket.pipe(onward).pipe(socket);
    for (const end of [socket, onward])
      end.on('error', () => {
        socket.destroy();
        onward.destroy();
      });
  });
  server.listen(POSTGRES_PORT, host);
  await once(server, 'listening');
  return {
    url(own: string): string {
      const url = new URL(own);
      url.host = `${host}:${POSTGRES_PORT}`;
      return url.href;
    },
    [Symbol.asyncDispose]: () => close(server),
  };
}

/** Plays nginx or Caddy as the guide sets them up: TLS outside, 503 while nobody listens inside. */
async function startProxy(orchestrator: string): Promise<AsyncDisposable | null> {
  const [key, cert] = ['key', 'crt'].map((ending) => join(orchestrator, `root/orca-proxy.${ending}`));
  if (key === undefined || cert === undefined || !existsSync(cert)) return null;
  const files = { key: readFileSync(key), cert: readFileSync(cert) };
  const server = createTlsServer(files, (asked, answer) => {
    const { method, headers, url: path } = asked;
    const inner = request({ host: '127.0.0.1', port: API_PORT, method, path, headers }, (given) => {
      answer.writeHead(given.statusCode ?? 0, given.headers);
      given.pipe(answer);
    });
    inner.on('error', () => {
      if (answer.headersSent) return answer.destroy();
      answer.writeHead(503, { 'retry-after': '5', 'content-type': 'application/json' });
      answer.end('{"errors":["Orca is restarting, try again in a few seconds"]}');
    });
    asked.pipe(inner);
  });
  server.listen(TLS_PORT, MACHINES.orchestrator.address);
  await once(server, 'listening');
  return { [Symbol.asyncDispose]: () => close(server) };
}

/** What is still connected ends with the world. */
async function close(server: Server): Promise<void> {
  server.close();
}
