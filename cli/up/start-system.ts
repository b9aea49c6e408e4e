import { join } from 'node:path';
import {
  type Environment,
  type KeepDeps,
  type KeptProcess,
  keepRunning,
  type ProcessSpec,
  ProcessStartError,
  withLaterMetricsPort,
} from '@orca/daemon';
import { connectDatabase, DatabaseError, installationId, migrate } from '@orca/database';
import type { Engine } from '@orca/docker';
import { REPOSITORY } from '../repository.ts';
import { UserError } from '../user-error.ts';
import { checkPort } from './check-port.ts';
import { createProcessList, endLeftovers } from './end-leftovers.ts';
import { keepPostgres } from './keep-postgres.ts';
import { lockData } from './lock-data.ts';
import { removeContainers } from './remove-containers.ts';

/** What is to run. */
export interface SystemOptions {
  readonly dataDir: string;
  /** The API's; 0 takes a free one. */
  readonly port: number;
  readonly workers: number;
  /** Jobs at once, for each worker. */
  readonly concurrency: number;
  /** Where the processes' logs go: this process's own output, or an open file. */
  readonly output: 'inherit' | number;
}

/** What it needs. */
export interface SystemDeps {
  readonly env: Environment;
  readonly engine: Engine;
  readonly say: (line: string) => void;
}

/** A whole Orca that runs on this machine. */
export interface RunningSystem {
  /** The API's: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Stops all of it, in order; `hurried` aborts when it should not wait any longer. */
  stop(hurried: AbortSignal): Promise<void>;
}

/** The workers' own grace for running jobs is 30 s unless it is set; handing back takes a little more. */
const HAND_BACK_MS = 15_000;
const GRACE_SECONDS = 30;
const SERVER_PATIENCE_MS = 30_000;
/** It does not end its builds but puts them back. */
const BUILDER_PATIENCE_MS = 30_000;
/** In the data folder; the server hands out what the image builder saves there. */
const IMAGES = 'images';

/**
 * Starts everything on one machine: PostgreSQL (the one in `POSTGRES_URL`, else an embedded one), the API server, the
 * image builder, the workers. What has been started is stopped again when the rest cannot be.
 *
 * Stopping goes the other way: workers, image builder, server, PostgreSQL, each when the one before has ended.
 *
 * @throws {UserError} that says what hinders it
 * @throws the signal's reason when it aborts
 */
export async function startSystem(
  options: SystemOptions,
  deps: SystemDeps,
  signal: AbortSignal,
): Promise<RunningSystem> {
  const neverHurried = new AbortController().signal;
  let hurried = neverHurried;
  await using opened = new AsyncDisposableStack();
  const { lock, dataDir } = await lockData(options.dataDir);
  opened.use(lock);
  await endLeftovers(dataDir, deps.say);
  await checkPort(options.port);
  const postgresUrl = deps.env['POSTGRES_URL'] || null;
  const databaseUrl = postgresUrl ?? opened.use(await keepPostgres(dataDir, deps.say)).url;
  const installation = await prepareDatabase(databaseUrl);
  // In a database that others use too, containers of this installation may be a live worker's on this engine.
  if (postgresUrl === null) opened.defer(() => removeContainers(deps.engine, installation, deps.say));

  const specs = specsOf({ ...options, dataDir, databaseUrl, env: deps.env });
  const keepDeps: KeepDeps = { say: deps.say, onStarted: createProcessList(dataDir) };
  const server = await keepUp(specs.server, keepDeps, signal);
  opened.defer(() => server.stop(SERVER_PATIENCE_MS, hurried));
  const builder = keepUp(specs.imageBuilder, keepDeps, signal);
  opened.defer(() => stopStarted([builder], BUILDER_PATIENCE_MS, hurried));
  const workers = Array.from({ length: options.workers }, (_, index) =>
    keepUp(() => specs.worker(index + 1, server.address), keepDeps, signal),
  );
  opened.defer(() => stopStarted(workers, workerPatienceMs(deps.env), hurried));
  await Promise.all([builder, ...workers]);

  const running = opened.move();
  return {
    url: server.address,
    async stop(hurry) {
      hurried = hurry;
      await running.disposeAsync();
    },
  };
}

/** As `keepRunning`, for a person: what did not start has said why in its log. */
async function keepUp(...args: Parameters<typeof keepRunning>): Promise<KeptProcess> {
  try {
    return await keepRunning(...args);
  } catch (error) {
    if (error instanceof ProcessStartError) throw new UserError(error.message, { cause: error });
    throw error;
  }
}

/** Stops those that have started, at the same time; one that could not start has nothing to be stopped. */
async function stopStarted(
  starts: readonly Promise<KeptProcess>[],
  patienceMs: number,
  hurried: AbortSignal,
): Promise<void> {
  const settled = await Promise.allSettled(starts);
  const started = settled.filter((start) => start.status === 'fulfilled').map((start) => start.value);
  await Promise.all(started.map((kept) => kept.stop(patienceMs, hurried)));
}

/** Brings the schema up to date before any process looks at it. */
async function prepareDatabase(url: string): Promise<string> {
  try {
    await using db = await connectDatabase({ url, applicationName: 'orca-cli' });
    await migrate(db);
    return await installationId(db);
  } catch (error) {
    // The database's own sentences are for people: it is too old, too new, not there, not for this user.
    if (error instanceof DatabaseError)
      throw new UserError(`Cannot prepare the database: ${error.message}`, { cause: error });
    throw error;
  }
}

function workerPatienceMs(env: Environment): number {
  const seconds = Number(env['ORCA_SHUTDOWN_GRACE_SECONDS'] || GRACE_SECONDS);
  return (Number.isFinite(seconds) ? seconds : GRACE_SECONDS) * 1000 + HAND_BACK_MS;
}

interface Specs {
  server(address: string): ProcessSpec;
  imageBuilder(): ProcessSpec;
  worker(number: number, serverAddress: string): ProcessSpec;
}

/** Pure: the programs, and what each is told. */
export function specsOf(
  options: SystemOptions & { readonly databaseUrl: string; readonly env: Environment },
): Specs {
  const { dataDir, output, databaseUrl } = options;
  const env = { ...options.env, POSTGRES_URL: databaseUrl, ORCA_IMAGE_FOLDER: join(dataDir, IMAGES) };
  return {
    server: (address) => ({
      name: 'the server',
      program: [REPOSITORY.orchestrator, 'server'],
      // It comes back on the port that its clients and workers know.
      env: { ...env, API_PORT: address === '' ? String(options.port) : new URL(address).port },
      output,
    }),
    imageBuilder: () => ({
      name: 'the image builder',
      program: [REPOSITORY.orchestrator, 'image-builder'],
      env: withLaterMetricsPort(env, 1),
      output,
    }),
    worker: (number, serverAddress) => ({
      name: `worker ${number}`,
      program: [REPOSITORY.worker],
      env: {
        ...withLaterMetricsPort(env, 1 + number),
        ORCA_WEB_SERVER_HOST: serverAddress,
        ORCA_CONCURRENCY: String(options.concurrency),
        ORCA_WORKER_FOLDER: join(dataDir, 'workers', String(number)),
      },
      output,
    }),
  };
}
