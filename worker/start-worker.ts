import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { DaemonContext, Logger, RunningDaemon } from '@orca/daemon';
import {
  beatWorker,
  connectDatabase,
  type Database,
  findSchemaState,
  installationId,
  type NewWorker,
  registerWorker,
  retireWorker,
} from '@orca/database';
import { connectEngine, type Engine, engineInfo } from '@orca/docker';
import {
  createDockerSandbox,
  type Grading,
  type GradingSetup,
  openGrading,
  type Sandbox,
} from '@orca/grading';
import { DEFAULT_LIMITS } from '@orca/protocol';
import { watchEngine } from './engine-watch.ts';
import packageFile from './package.json' with { type: 'json' };
import { repeat } from './repeat.ts';
import type { workerSettings } from './settings.ts';
import { sweep } from './sweep.ts';
import { startWork, type WorkOptions } from './work.ts';
import { makeWorkerFolders, removeWorkerFolders, type WorkerFolders } from './worker-folders.ts';

type Context = DaemonContext<typeof workerSettings>;
type Settings = Context['settings'];

const SECOND_MS = 1_000;
const POSTGRES_PORT = 5432;
const ENGINE_PORT = 2375;
const TOKEN_BYTES = 32;

/** Connections beside those that running jobs use: the claim loop, the heartbeat, the sweep. */
const OTHER_CONNECTIONS = 3;

/**
 * Starts a worker in this process: connects, makes itself known, claims and grades.
 *
 * Draining: no more claims; running jobs go on for the grace time, then they are handed back, their containers killed
 * first.
 *
 * @throws what hinders the start; everything that was opened is closed again
 */
export async function startWorker({ settings, log, stopping }: Context): Promise<RunningDaemon> {
  await using opened = new AsyncDisposableStack();
  const workerId = randomUUID();
  const db = opened.use(await openDatabase(settings, log));
  const engine = await connectEngine(settings.DOCKER_HOST);
  const ids = { installationId: await installationId(db), workerId };
  const me = await introduce(workerId, engine, settings);
  await registerWorker(db, me);
  opened.defer(() => retireWorker(db, workerId).catch((err: unknown) => log.warn({ err }, 'not retired')));

  const folders = await makeWorkerFolders(settings.ORCA_WORKER_FOLDER, ids);
  opened.defer(() => removeWorkerFolders(folders));
  const sandbox = opened.use(await openSandbox(settings, engine, { ...ids, log }));
  const grading = await openGrading(gradingSetup(settings, { engine, sandbox, folders }));
  const ending = new AbortController();
  const probe = (signal: AbortSignal): Promise<unknown> => connectEngine(settings.DOCKER_HOST, signal);
  const deps = { db, grading, log, engine: watchEngine(probe, { log }, ending.signal) };
  const chores = startChores({ me, settings, workersFolder: folders.workers }, deps, ending.signal);
  opened.defer(async () => {
    ending.abort();
    await chores;
  });
  const work = await startWork(workOptions(settings, workerId), deps, stopping);
  log.info({ workerId, slots: settings.ORCA_CONCURRENCY }, 'worker started');
  const closing = opened.move();
  return {
    async drain(hurried) {
      await work.drain(hurried);
      await closing.disposeAsync();
    },
  };
}

async function openDatabase(settings: Settings, log: Logger): Promise<Database> {
  const db = await connectDatabase({
    url: settings.POSTGRES_URL,
    applicationName: 'orca-worker',
    poolSize: settings.ORCA_CONCURRENCY + OTHER_CONNECTIONS,
    onError: (err) => log.warn({ err }, 'a connection to the database broke'),
  });
  const schema = await findSchemaState(db);
  if (schema.kind === 'current') return db;
  await db[Symbol.asyncDispose]();
  const remedy =
    schema.kind === 'behind'
      ? 'it was not migrated yet (start the server, or npm run migrate)'
      : 'a newer Orca has migrated it';
  throw new Error(`Cannot use the database: ${remedy}`);
}

/** What the database knows of this worker. The token is what images will be fetched with; only its hash is stored. */
async function introduce(workerId: string, engine: Engine, settings: Settings): Promise<NewWorker> {
  const token = randomBytes(TOKEN_BYTES);
  return {
    workerId,
    hostname: hostname(),
    tokenHash: createHash('sha256').update(token).digest(),
    version: packageFile.version,
    slots: settings.ORCA_CONCURRENCY,
    engineId: (await engineInfo(engine)).id,
  };
}

async function openSandbox(
  { ORCA_CONTAINER_RUNTIME: runtime }: Settings,
  engine: Engine,
  { log, ...ids }: { installationId: string; workerId: string; log: Logger },
): Promise<Sandbox> {
  const onLeftover = (container: string, err: unknown): void => {
    log.warn({ container, err }, 'a container could not be removed: the next sweep tries again');
  };
  return await createDockerSandbox({ engine, ...ids, onLeftover, ...(runtime === null ? {} : { runtime }) });
}

function gradingSetup(
  settings: Settings,
  { engine, sandbox, folders }: { engine: Engine; sandbox: Sandbox; folders: WorkerFolders },
): GradingSetup {
  return {
    engine,
    sandbox,
    cacheFolder: folders.cache,
    jobsFolder: folders.own,
    addresses: {
      production: settings.ENVIRONMENT === 'production',
      allow: settings.ORCA_ALLOW_ADDRESSES,
      refusePrivate: settings.ORCA_REFUSE_PRIVATE,
      own: [
        { url: settings.POSTGRES_URL, defaultPort: POSTGRES_PORT },
        { url: settings.DOCKER_HOST, defaultPort: ENGINE_PORT },
      ],
    },
    fileTotalMs: settings.ORCA_FILE_TOTAL_SECONDS * SECOND_MS,
    allowedLimits: DEFAULT_LIMITS,
    allowNetwork: settings.ORCA_ALLOW_NETWORK,
  };
}

function workOptions(settings: Settings, workerId: string): WorkOptions {
  return {
    workerId,
    slots: settings.ORCA_CONCURRENCY,
    leaseSeconds: settings.ORCA_LEASE_SECONDS,
    pollMs: settings.ORCA_POLL_SECONDS * SECOND_MS,
    graceMs: settings.ORCA_SHUTDOWN_GRACE_SECONDS * SECOND_MS,
  };
}

/** What a worker does beside its work: it tells that it lives, and cleans up. */
async function startChores(
  { me, settings, workersFolder }: { me: NewWorker; settings: Settings; workersFolder: string },
  { db, grading, log }: { db: Database; grading: Grading; log: Logger },
  signal: AbortSignal,
): Promise<void> {
  const { workerId } = me;
  const beat = async (): Promise<void> => {
    if (!(await beatWorker(db, workerId))) await registerWorker(db, me);
  };
  const clean = (): Promise<void> => sweep({ db, workerId, grading, workersFolder, log });
  await Promise.all([
    repeat('heartbeat', beat, { everyMs: settings.ORCA_HEARTBEAT_SECONDS * SECOND_MS, log }, signal),
    repeat('sweep', clean, { everyMs: settings.ORCA_SWEEP_SECONDS * SECOND_MS, log }, signal),
  ]);
}
