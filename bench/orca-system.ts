import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loadEnvironment, startProcess } from '@orca/daemon';
import { connectDatabase, installationId, migrate } from '@orca/database';
import { removePostgres, startPostgres } from '@orca/database/embedded';
import { imageReference } from '@orca/grading';
import { baseImageSha } from '@orca/protocol';

const ORCHESTRATOR = fileURLToPath(new URL('../orchestrator/main.ts', import.meta.url));
const WORKER = fileURLToPath(new URL('../worker/main.ts', import.meta.url));
const BASE_IMAGE = 'orca-grader-base:latest';
/** How the sentences of the status route begin. */
const READY = 'Your grader image is ready';
const FAILED = 'Your grader image failed';
const STOP_MS = 60_000;
const BUILD_MS_MAX = 15 * 60_000;
const LOOK_MS = 500;

/** A whole Orca with one worker, as `orca up` runs it. */
export type OrcaSystem = AsyncDisposable & {
  url: string;
  /** Of the server, the image builder and the worker. */
  pids: Record<'server' | 'image builder' | 'worker', number>;
  /** Has an image built, unless it is the base image. @returns its name in the engine */
  provideImage(dockerfile: string, sha: string): Promise<string>;
};

/**
 * Starts PostgreSQL with fsync, the server, an image builder and a worker, each a process of its own.
 *
 * @param folder for all that they keep
 * @param slots of the worker
 */
export async function startOrca(
  { folder, slots }: { folder: string; slots: number },
  say: (line: string) => void,
): Promise<OrcaSystem> {
  await using opened = new AsyncDisposableStack();
  await mkdir(folder, { recursive: true });
  const dataDir = path.join(folder, 'postgres');
  await removePostgres(dataDir);
  const postgres = await startPostgres({ dataDir, log: say });
  opened.defer(() => removePostgres(dataDir));
  opened.use(postgres);
  const installation = await prepare(postgres.url);
  const log = opened.use(await open(path.join(folder, 'orca.log'), 'w'));
  const never = new AbortController().signal;
  const env = {
    ...loadEnvironment(),
    ...{ ENVIRONMENT: 'development', POSTGRES_URL: postgres.url, API_PORT: '0', ORCA_LOG_FORMAT: 'json' },
    ...{ ORCA_IMAGE_FOLDER: path.join(folder, 'images'), ORCA_WORKER_FOLDER: path.join(folder, 'worker') },
  };
  const start = async (
    name: string,
    program: [string, ...string[]],
    settings = {},
  ): ReturnType<typeof startProcess> => {
    const started = await startProcess(
      { name, program, env: { ...env, ...settings }, output: log.fd },
      never,
    );
    opened.defer(() => started.stop(STOP_MS, never));
    return started;
  };
  const server = await start('the server', [ORCHESTRATOR, 'server']);
  const builder = await start('the image builder', [ORCHESTRATOR, 'image-builder']);
  const settings = { ORCA_WEB_SERVER_HOST: server.address, ORCA_CONCURRENCY: String(slots) };
  const worker = await start('the worker', [WORKER], settings);
  const kept = opened.move();
  return {
    url: server.address,
    pids: { server: server.pid, 'image builder': builder.pid, worker: worker.pid },
    async provideImage(dockerfile, sha) {
      if (sha === baseImageSha()) return BASE_IMAGE;
      await buildImage(server.address, dockerfile, sha);
      return imageReference(installation, sha);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function prepare(url: string): Promise<string> {
  await migrate(url);
  await using db = await connectDatabase({ url, applicationName: 'orca bench' });
  return await installationId(db);
}

async function buildImage(url: string, dockerfile: string, sha: string): Promise<void> {
  const answer = await fetch(`${url}/api/v1/grader_images`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    // Nobody has to be told: its state is asked for.
    body: JSON.stringify({
      dockerfile_contents: dockerfile,
      dockerfile_sha_sum: sha,
      response_url: `${url}/nowhere`,
    }),
  });
  if (!answer.ok) throw new Error(`Cannot have the image built: ${answer.status} ${await answer.text()}`);
  const untilMs = performance.now() + BUILD_MS_MAX;
  for (let sentence = ''; ; await pause(LOOK_MS)) {
    sentence = String(await (await fetch(`${url}/api/v1/grader_images/status/${sha}`)).json());
    if (sentence.startsWith(READY)) return;
    if (sentence.startsWith(FAILED) || performance.now() > untilMs)
      throw new Error(`Cannot have the image built: ${sentence}`);
  }
}
