import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadEnvironment, startProcess } from '@orca/daemon';
import { connectDatabase, installationId, migrate } from '@orca/database';
import { removePostgres, startPostgres } from '@orca/database/embedded';
import { createClientKey } from './client-key.ts';
import { CLIENT, type OrcaApi, openApi } from './orca-api.ts';

/** One of Orca's programs. */
export interface StartedProgram extends AsyncDisposable {
  readonly pid: number;
}

/** A whole Orca as it runs in production, each part a process of its own. */
export interface BenchedSystem extends AsyncDisposable {
  /** Its API, as a course site on loopback uses it. */
  readonly api: OrcaApi;
  readonly server: StartedProgram;
  readonly postgres: Pick<StartedProgram, 'pid'>;
  /** By which the engine's images are named. */
  readonly installationId: string;
  /** @returns when it says that it is ready */
  startImageBuilder(): Promise<StartedProgram>;
  /** @returns when it says that it is ready */
  startWorker(settings: Readonly<Record<string, string>>): Promise<StartedProgram>;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ORCHESTRATOR = path.join(ROOT, 'orchestrator/main.ts');
const WORKER = path.join(ROOT, 'worker/main.ts');
const STOP_MS = 60_000;

/**
 * Starts the server, on a database of its own with fsync on; image builder and workers are started by the caller, and
 * stopped here at the latest.
 *
 * @param folder for all that they keep, and their logs
 */
export async function startSystem(folder: string, say: (line: string) => void): Promise<BenchedSystem> {
  await using opened = new AsyncDisposableStack();
  await mkdir(folder, { recursive: true });
  const dataDir = path.join(folder, 'postgres');
  // One that was cut off has left its own.
  await removePostgres(dataDir);
  const postgres = await startPostgres({ dataDir, log: say });
  opened.defer(() => removePostgres(dataDir));
  opened.use(postgres);
  const { key, installation } = await prepareDatabase(postgres.url);
  const log = opened.use(await open(path.join(folder, 'processes.log'), 'w'));
  const settings = settingsOf(postgres.url, folder);
  const never = new AbortController().signal;
  const programs = opened.use(new AsyncDisposableStack());
  const start = async (
    name: string,
    program: readonly [string, ...string[]],
    more: Readonly<Record<string, string>> = {},
  ): Promise<StartedProgram & { readonly address: string }> => {
    const spec = { name, program, env: { ...settings, ...more }, output: log.fd };
    const { pid, address, stop } = await startProcess(spec, never);
    return programs.use({ pid, address, [Symbol.asyncDispose]: () => stop(STOP_MS, never) });
  };
  const server = await start('the server', [ORCHESTRATOR, 'server']);
  const api = opened.use(openApi(server.address, key));
  const kept = opened.move();
  return {
    ...{ api, server, postgres, installationId: installation },
    startImageBuilder: () => start('the image builder', [ORCHESTRATOR, 'image-builder']),
    startWorker: (more) => start('the worker', [WORKER], { ORCA_WEB_SERVER_HOST: server.address, ...more }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function prepareDatabase(url: string): Promise<{ key: string; installation: string }> {
  await using db = await connectDatabase({ url, applicationName: 'orca-bench' });
  await migrate(db);
  return { key: await createClientKey(db, CLIENT), installation: await installationId(db) };
}

function settingsOf(databaseUrl: string, folder: string): Record<string, string> {
  const { PATH = '', HOME, DOCKER_HOST } = loadEnvironment();
  return {
    PATH,
    ...(HOME === undefined ? {} : { HOME }),
    ...(DOCKER_HOST === undefined ? {} : { DOCKER_HOST }),
    ENVIRONMENT: 'production',
    POSTGRES_URL: databaseUrl,
    API_PORT: '0',
    ORCA_LISTEN_ADDRESS: CLIENT,
    ORCA_ALLOW_ADDRESSES: CLIENT,
    ORCA_IMAGE_FOLDER: path.join(folder, 'images'),
    ORCA_WORKER_FOLDER: path.join(folder, 'worker'),
    ORCA_LOG_FORMAT: 'json',
  };
}
