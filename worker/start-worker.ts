import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  type DaemonContext,
  type Health,
  openSpanExporter,
  type RunningDaemon,
  watchClock,
} from '@orca/daemon';
import {
  type Database,
  installationId,
  openDatabase,
  pingDatabase,
  readClock,
  registerWorker,
  retireWorker,
  workerPoolSize,
} from '@orca/database';
import { connectEngine, type Engine } from '@orca/docker';
import { type Grading, openGrading } from '@orca/grading';
import { runChores } from './chores.ts';
import { type Fitness, type Need, watchFitness } from './fitness.ts';
import { gradingSetup, openSandbox } from './grading-setup.ts';
import { imageSetup } from './image-setup.ts';
import { createImageSource } from './image-source.ts';
import { introduce, signOfLife } from './introduce.ts';
import { needBaseImage, needDisk, needEngine, needEngineRoom } from './needs.ts';
import { overheadSecondsOf } from './overhead-seconds.ts';
import { parseServerAddress } from './server-address.ts';
import type { workerSettings } from './settings.ts';
import { startWork, type WorkOptions } from './work.ts';
import { makeWorkerFolders, removeWorkerFolders, type WorkerFolders } from './worker-folders.ts';
import { workerGauges, workerMetrics } from './worker-metrics.ts';

type Context = DaemonContext<typeof workerSettings>;
type Settings = Context['settings'];

const SECOND_MS = 1_000;
const TOKEN_BYTES = 32;

/**
 * Starts a worker in this process: connects, makes itself known, claims and grades.
 *
 * Draining: no more claims; running jobs go on for the grace time, then they are handed back, their containers killed
 * first.
 *
 * @throws what hinders the start; everything that was opened is closed again
 */
export async function startWorker({
  settings,
  log,
  metrics,
  gate,
  stopping,
}: Context): Promise<RunningDaemon> {
  await using opened = new AsyncDisposableStack();
  const server = serverAddress(settings);
  const workerId = randomUUID();
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  const db = opened.use(await openDatabase(databaseOf(settings), log));
  const engine = settings.ORCA_SANDBOX === 'process' ? null : await connectEngine(settings.DOCKER_HOST);
  const ids = { installationId: await installationId(db), workerId };
  const me = await introduce({ workerId, token }, engine, settings);
  await registerWorker(db, me);
  opened.defer(() => retireWorker(db, workerId).catch((err: unknown) => log.warn({ err }, 'not retired')));

  const folders = await makeWorkerFolders(settings.ORCA_WORKER_FOLDER, ids);
  opened.defer(() => removeWorkerFolders(folders));
  const sandbox = opened.use(await openSandbox(settings, engine, { ...ids, log }));
  const source = createImageSource({
    ...{ db, log, server, credential: `${workerId}.${token}` },
    comeBack: () => signOfLife(db, me),
  });
  const counts = workerMetrics(metrics);
  const imageDeps = { db, source, folder: join(folders.own, 'images'), metrics: counts, log };
  const images = imageSetup(settings, imageDeps);
  const grading = await openGrading(gradingSetup(settings, { engine, sandbox, folders, images, ...ids }));
  const ending = new AbortController();
  const needs = needsOf(settings, { engine, grading, folders, workerId }, ending.signal);
  const fitness = watchFitness(needs, { log }, ending.signal);
  const spans = opened.use(openSpanExporter(settings.OTEL_EXPORTER_OTLP_ENDPOINT, 'orca-worker', { log }));
  const deps = { db, grading, log, fitness, gate, metrics: counts, spans };
  const chores = runChores({ me, settings, workersFolder: folders.workers }, deps, ending.signal);
  const clock = watchClock({ askTime: () => readClock(db), log, metrics }, ending.signal);
  opened.defer(async () => {
    ending.abort();
    await Promise.all([chores, clock]);
  });
  stopping.addEventListener('abort', () => grading.rest());
  const work = await startWork(workOptions(settings, workerId), deps, stopping);
  workerGauges(metrics, { slots: work.slots, slotsMax: settings.ORCA_CONCURRENCY, fitness });
  log.info({ workerId, slots: settings.ORCA_CONCURRENCY }, 'worker started');
  const closing = opened.move();
  return {
    checkHealth: () => checkHealth(db, fitness),
    async drain(hurried) {
      await work.drain(hurried);
      await closing.disposeAsync();
    },
  };
}

/** Its schema is the orchestrator's to change. */
function databaseOf({ POSTGRES_URL: url, ORCA_CONCURRENCY }: Settings): Parameters<typeof openDatabase>[0] {
  const poolSize = workerPoolSize(ORCA_CONCURRENCY);
  return { url, applicationName: 'orca-worker', poolSize, mayMigrate: false };
}

/** @throws {Error} that says what to write */
function serverAddress({ ORCA_WEB_SERVER_HOST: text }: Settings): URL {
  const server = parseServerAddress(text);
  if (server !== null) return server;
  // Not repeated: there may be a password in it.
  throw new Error(
    "Cannot use ORCA_WEB_SERVER_HOST: it must be the API server's host and port, or its http(s) URL without user and password",
  );
}

/** What monitoring is told. */
async function checkHealth(db: Database, { needs }: Fitness): Promise<Health> {
  return { database: await pingDatabase(db), ...needs };
}

/** What every job needs: while one of these fails, none is claimed. */
function needsOf(
  { DOCKER_HOST: dockerHost, ORCA_DISK_FREE_MB_MIN: freeMbMin }: Settings,
  setup: { engine: Engine | null; grading: Grading; folders: WorkerFolders; workerId: string },
  ending: AbortSignal,
): Need[] {
  const { engine, grading, folders, workerId } = setup;
  const disk = needDisk(folders.own, freeMbMin, () => grading.sweepCache('all'));
  if (engine === null) return [disk];
  const room = needEngineRoom(engine, workerId, () => grading.sweepImages('all', ending));
  const answers = needEngine(dockerHost, {
    tryContainer: (signal) => grading.tryContainer(workerId, signal),
    relieve: () => grading.rest(),
  });
  return [disk, answers, room, needBaseImage(engine)];
}

function workOptions(settings: Settings, workerId: string): WorkOptions {
  return {
    workerId,
    slots: settings.ORCA_CONCURRENCY,
    leaseSeconds: settings.ORCA_LEASE_SECONDS,
    pollMs: settings.ORCA_POLL_SECONDS * SECOND_MS,
    graceMs: settings.ORCA_SHUTDOWN_GRACE_SECONDS * SECOND_MS,
    overheadSeconds: overheadSecondsOf(settings),
  };
}
