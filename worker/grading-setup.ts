import { loadEnvironment, type Logger, type SettingValues } from '@orca/daemon';
import type { Engine } from '@orca/docker';
import {
  createDockerSandbox,
  createProcessSandbox,
  type GradingSetup,
  type ImageSetup,
  type PoolLimits,
  type Sandbox,
} from '@orca/grading';
import { DEFAULT_LIMITS } from '@orca/protocol';
import type { workerSettings } from './settings.ts';
import type { WorkerFolders } from './worker-folders.ts';

type Settings = SettingValues<typeof workerSettings>;

const SECOND_MS = 1_000;
/**
 * What a container takes that waits for its job, beside what all share: the harness and the child that will place its files
 * some 20 MiB, the engine's process for it the rest.
 */
const WAITING_CONTAINER_MB = 40;
const POSTGRES_PORT = 5432;
const ENGINE_PORT = 2375;

/**
 * Opens the way in which jobs run here: in containers, or without where there is no engine.
 *
 * @throws {Error} in production, without an engine
 */
export async function openSandbox(
  settings: Pick<Settings, 'ORCA_CONTAINER_RUNTIME' | 'ORCA_CONCURRENCY' | 'ORCA_POOL_MB_MAX'> & {
    readonly ENVIRONMENT: string;
  },
  engine: Engine | null,
  { log, ...ids }: { installationId: string; workerId: string; log: Logger },
): Promise<Sandbox> {
  if (engine === null)
    return await createProcessSandbox({
      production: settings.ENVIRONMENT === 'production',
      path: loadEnvironment()['PATH'],
      onWarning: (warning) => log.warn({ warning }, 'jobs run without containers'),
      onLeftover: (folder, err) => log.warn({ folder, err }, 'the folder of a job could not be removed'),
    });
  const onLeftover = (container: string, err: unknown): void => {
    log.warn({ container, err }, 'a container could not be removed: the next sweep tries again');
  };
  const { ORCA_CONTAINER_RUNTIME: runtime } = settings;
  return await createDockerSandbox({
    ...{ engine, ...ids, onLeftover, pool: poolLimits(settings) },
    ...(runtime === null ? {} : { runtime }),
  });
}

/** One more than there are slots: while each has a job, the next one's is ready. */
function poolLimits({
  ORCA_CONCURRENCY: slots,
  ORCA_POOL_MB_MAX: mbMax,
}: Pick<Settings, 'ORCA_CONCURRENCY' | 'ORCA_POOL_MB_MAX'>): PoolLimits {
  return { containersMax: Math.floor(mbMax / WAITING_CONTAINER_MB), sameMax: slots + 1 };
}

/** What the settings say of grading. */
export function gradingSetup(
  settings: Settings & { readonly ENVIRONMENT: string },
  setup: {
    engine: Engine | null;
    sandbox: Sandbox;
    folders: WorkerFolders;
    images: ImageSetup;
    installationId: string;
  },
): GradingSetup {
  const { engine, sandbox, folders, images, installationId } = setup;
  return {
    ...{ engine, sandbox, images, installationId },
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
      // The engine of builds among them: nothing else tells a worker where it is.
      ownHosts: settings.ORCA_OWN_ADDRESSES,
    },
    fileTotalMs: settings.ORCA_FILE_TOTAL_SECONDS * SECOND_MS,
    allowedLimits: DEFAULT_LIMITS,
    allowNetwork: settings.ORCA_ALLOW_NETWORK,
  };
}
