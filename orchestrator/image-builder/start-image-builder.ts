import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type DaemonContext, type Logger, type RunningDaemon, sleep, watchClock } from '@orca/daemon';
import {
  installationId,
  listImageUses,
  listNeededImages,
  openDatabase,
  pingDatabase,
  readClock,
} from '@orca/database';
import { connectEngine, engineInfo } from '@orca/docker';
import { type EngineRetention, FRESH_SECONDS, removeOrphans, smokeRun, sweepImages } from '@orca/grading';
import { openBuildGroup } from './build-group.ts';
import { createAbility } from './ability.ts';
import { runBuildLoop } from './build-loop.ts';
import { needBaseImage, needEngine, needImageStore } from './builder-needs.ts';
import { builderMetrics } from './builder-metrics.ts';
import { type ChoreDeps, createChores } from './chores.ts';
import type { imageBuilderSettings } from './image-builder-settings.ts';
import { openImageStore } from './image-store.ts';
import type { MakeDeps } from './make-image.ts';
import { openPulledImages } from './pulled-images.ts';
import { type RunOptions, runBuild } from './run-build.ts';

type Context = DaemonContext<typeof imageBuilderSettings>;
type Settings = Context['settings'];

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const SECOND_MS = 1_000;
const HOUR_SECONDS = 3_600;
/** To try an image takes a minute at most, and to save 8 GiB on a slow disk some twenty. */
const AROUND_SECONDS = HOUR_SECONDS;
const DAY_SECONDS = 86_400;
/** What a build leaves for so many times as long as it may take belongs to nobody. */
const STRAY_FACTOR = 4;
/** In the folder of saved images: what was fetched from registries into which engine. */
const PULLED_FOLDER = 'pulled';

/**
 * Starts an image builder in this process: connects, then claims builds and makes their images.
 *
 * Draining: no more claims; builds under way are stopped and put back, and are done again by whoever comes next.
 *
 * @throws what hinders the start; everything that was opened is closed again
 */
export async function startImageBuilder({
  settings,
  log,
  metrics,
  gate,
  stopping,
}: Context): Promise<RunningDaemon> {
  await using opened = new AsyncDisposableStack();
  const builderId = `builder-${randomUUID()}`;
  const mayMigrate = settings.ENVIRONMENT !== 'production';
  const database = { url: settings.POSTGRES_URL, applicationName: 'orca-image-builder', mayMigrate };
  const db = opened.use(await openDatabase(database, log));
  const store = await openImageStore(settings.ORCA_IMAGE_FOLDER);
  const dockerHost = settings.ORCA_BUILD_DOCKER_HOST ?? settings.DOCKER_HOST;
  const engine = await connectEngine(dockerHost);
  const installation = await installationId(db);
  const info = await engineInfo(engine);
  const pulledFolder = join(settings.ORCA_IMAGE_FOLDER, PULLED_FOLDER, encodeURIComponent(info.id));
  const pulled = openPulledImages(pulledFolder, engine);
  const group = opened.use(
    await openBuildGroup(info, {
      builderId,
      processesMax: settings.ORCA_BUILD_PIDS * settings.ORCA_BUILD_CONCURRENCY,
      isEngineHere: dockerHost.startsWith('unix://'),
    }),
  );
  if (!group.isLimited) log.info('RUN may start as many processes as fit into its memory');
  const engineNeed = needEngine(dockerHost, installation);
  const storeNeed = needImageStore(settings.ORCA_IMAGE_FOLDER, { db, store, pulled });
  const ability = createAbility([engineNeed, needBaseImage(engine), storeNeed], { log });
  const makeDeps: MakeDeps = {
    engine,
    cgroupParent: group.parent,
    store,
    pulled,
    smokeRun: (images, signal) =>
      smokeRun(images, smokeSetup({ engine, installation, builderId, settings, log }), signal),
  };
  const options = runOptions(settings, installation);
  const onEnd = builderMetrics(metrics, ability);
  const ended = new AbortController();
  const choreDeps: ChoreDeps = {
    ...{ db, store, log },
    retention: {
      keepSeconds: settings.ORCA_IMAGE_KEEP_DAYS * DAY_SECONDS,
      archiveBytesMax: settings.ORCA_IMAGE_STORE_GB_MAX * GIB,
    },
    removeOrphans: (isAlive) => removeOrphans(engine, installation, isAlive),
    sweepEngine: () =>
      sweepImages(
        {
          ...{ engine, installationId: installation },
          retention: {
            keepSeconds: settings.ORCA_IMAGE_KEEP_HOURS * HOUR_SECONDS,
            bytesMax: settings.ORCA_IMAGES_GB_MAX * GIB,
          },
          strayMs: Math.max(HOUR_SECONDS, STRAY_FACTOR * settings.ORCA_BUILD_SECONDS) * SECOND_MS,
          lastUses: (shas) => listImageUses(db, shas),
          needed: (shas) => listNeededImages(db, shas),
        },
        ended.signal,
      ),
    sweepPulled: () => pulled.sweep(pulledRetention(settings), ended.signal),
  };
  const chores = keepChores(choreDeps, settings.ORCA_SWEEP_SECONDS * SECOND_MS, ended.signal);
  const clock = watchClock({ askTime: () => readClock(db), log, metrics }, ended.signal);
  const building = runBuildLoop(
    {
      ...{ builderId, concurrency: settings.ORCA_BUILD_CONCURRENCY },
      leaseSeconds: settings.ORCA_BUILD_LEASE_SECONDS,
      pollMs: settings.ORCA_POLL_SECONDS * SECOND_MS,
    },
    {
      ...{ db, log },
      untilAble: ability.untilAble,
      runBuild: (build) => {
        const runDeps = { ...makeDeps, db, log, gate, onEnd, onFault: engineNeed.doubt };
        return runBuild(build, options, runDeps, stopping);
      },
    },
    stopping,
  );
  log.info({ builderId, concurrency: settings.ORCA_BUILD_CONCURRENCY }, 'image builder started');
  const closing = opened.move();
  return {
    checkHealth: async () => ({ database: await pingDatabase(db), ...(await ability.look()) }),
    async drain() {
      await building;
      ended.abort();
      await Promise.all([chores, clock]);
      await closing.disposeAsync();
    },
  };
}

/** As of grader images; but none goes that a build under way may have begun with. */
function pulledRetention(settings: Settings): EngineRetention {
  return {
    keepSeconds: Math.max(settings.ORCA_IMAGE_KEEP_HOURS * HOUR_SECONDS, settings.ORCA_BUILD_SECONDS),
    bytesMax: settings.ORCA_IMAGES_GB_MAX * GIB,
    freshSeconds: Math.max(FRESH_SECONDS, settings.ORCA_BUILD_SECONDS),
  };
}

function runOptions(settings: Settings, installation: string): RunOptions {
  return {
    installationId: installation,
    networkMode: settings.ORCA_BUILD_NETWORK,
    allowRemoteAdd: settings.ORCA_BUILD_ALLOW_ADD,
    buildSeconds: settings.ORCA_BUILD_SECONDS,
    memoryMb: settings.ORCA_BUILD_MEMORY_MB,
    cpus: settings.ORCA_BUILD_CPUS,
    imageBytesMax: settings.ORCA_IMAGE_MB_MAX * MIB,
    leaseSeconds: settings.ORCA_BUILD_LEASE_SECONDS,
    aroundSeconds: AROUND_SECONDS,
  };
}

function smokeSetup({
  engine,
  installation,
  builderId,
  settings,
  log,
}: {
  engine: MakeDeps['engine'];
  installation: string;
  builderId: string;
  settings: Settings;
  log: Logger;
}): Parameters<typeof smokeRun>[1] {
  const runtime = settings.ORCA_CONTAINER_RUNTIME;
  return {
    engine,
    installationId: installation,
    workerId: builderId,
    ...(runtime === null ? {} : { runtime }),
    onLeftover: (container, err) =>
      log.warn({ container, err }, 'a container could not be removed: the next sweep tries again'),
  };
}

async function keepChores(deps: ChoreDeps, everyMs: number, signal: AbortSignal): Promise<void> {
  const doChores = createChores(deps);
  while (!signal.aborted) {
    await doChores();
    await sleep(everyMs, signal);
  }
}
