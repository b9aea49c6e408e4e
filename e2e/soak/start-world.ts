import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OwnEngine, startOwnEngine } from '@orca/docker/testing';
import { type OwnPostgres, startOwnPostgres } from '../kit/own-postgres.ts';
import { startOrca } from '../kit/start-orca.ts';
import { startWire } from '../kit/wire.ts';
import { type Seat, takeSeat } from './seat.ts';
import { type SoakClient, startSoakClient } from './soak-client.ts';

/** An Orca of its own, every part of which can be hurt. */
export interface World extends AsyncDisposable {
  /** The API's, the same whichever server has the place. */
  readonly url: string;
  readonly postgres: OwnPostgres;
  readonly engine: OwnEngine;
  readonly client: SoakClient;
  readonly server: Seat;
  readonly builder: Seat;
  readonly workers: readonly Seat[];
  /** Where the workers keep their files. */
  readonly workerFolder: string;
}

/** Jobs that one worker grades at once. */
const SLOTS = 4;
const WORKERS = ['worker 1', 'worker 2'] as const;

/** What a dead process had is taken over within seconds, but no lease is lost to a slow machine alone. */
const SETTINGS = {
  ORCA_LEASE_SECONDS: '8',
  ORCA_HEARTBEAT_SECONDS: '1',
  ORCA_SWEEP_SECONDS: '2',
  ORCA_POLL_SECONDS: '1',
  ORCA_BUILD_LEASE_SECONDS: '8',
  ORCA_BUILD_NETWORK: 'none',
  ORCA_SHUTDOWN_GRACE_SECONDS: '2',
  ORCA_CONCURRENCY: String(SLOTS),
} as const;

/** Starts PostgreSQL, an engine, a client, a server, an image builder and two workers. */
export async function startWorld(): Promise<World> {
  await using opened = new AsyncDisposableStack();
  const postgres = opened.use(await startOwnPostgres());
  const engine = opened.use(await startOwnEngine());
  const client = opened.use(await startSoakClient());
  const workerFolder = await mkdtemp(join(tmpdir(), 'orca-soak-worker-'));
  opened.defer(() => rm(workerFolder, { recursive: true, force: true }));
  const settings = { ...SETTINGS, DOCKER_HOST: engine.host, ORCA_WORKER_FOLDER: workerFolder };
  const orca = opened.use(await startOrca(settings, postgres.url));

  // A server that comes back has another port: somebody else may have taken the old one.
  const api = opened.use(await startWire(Number(new URL(orca.url).port)));
  const url = `http://127.0.0.1:${api.port}`;
  const launchServer = async () => {
    const server = await orca.startServer();
    api.leadTo(Number(new URL(server.address).port));
    return server;
  };
  let first: typeof orca.server | null = orca.server;
  const server = await takeSeat('server', async () => {
    const process = first ?? (await launchServer());
    first = null;
    return process;
  });
  const builder = await takeSeat('builder', () => orca.startImageBuilder());
  const workers: Seat[] = [];
  for (const name of WORKERS)
    workers.push(await takeSeat(name, () => orca.startWorker({ ORCA_WEB_SERVER_HOST: url })));
  // A frozen process would not hear that it is to end.
  opened.defer(() => {
    for (const seat of [server, builder, ...workers]) seat.thaw();
  });
  const closing = opened.move();
  return {
    ...{ url, postgres, engine, client, server, builder, workers, workerFolder },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
