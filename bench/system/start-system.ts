import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { loadEnvironment, startProcess } from '@orca/daemon';
import { connectDatabase, createApiKey, migrate } from '@orca/database';
import { removePostgres, startPostgres } from '@orca/database/embedded';
import { baseImageSha, type GradingJobConfig } from '@orca/protocol';
import { type CourseSite, startCourseSite } from './course-site.ts';

/** A whole Orca as it runs in production, each part a process of its own, and a client beside it. */
export interface BenchedSystem extends AsyncDisposable {
  readonly site: CourseSite;
  /** @returns when it says that it is ready */
  startWorker(settings: Readonly<Record<string, string>>): Promise<AsyncDisposable>;
  /** A job of two commands on the base image, with one small file. */
  trivialJob(key: string): GradingJobConfig;
  /** PUTs a job over a connection that is kept. @throws {Error} when the answer is not 200 */
  put(job: GradingJobConfig): Promise<void>;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const KEY_BYTES = 24;
const STOP_MS = 60_000;
const OK = 200;
const CLIENT = '127.0.0.1';

/** Starts it all but the worker, on a database of its own with fsync on. */
export async function startSystem(folder: string, say: (line: string) => void): Promise<BenchedSystem> {
  await using opened = new AsyncDisposableStack();
  await mkdir(folder, { recursive: true });
  const dataDir = path.join(folder, 'postgres');
  const postgres = await startPostgres({ dataDir, log: say });
  opened.defer(() => removePostgres(dataDir));
  opened.use(postgres);
  const key = await prepareDatabase(postgres.url);
  const site = opened.use(await startCourseSite());
  const log = opened.use(await open(path.join(folder, 'processes.log'), 'w'));
  const settings = settingsOf(postgres.url, folder);
  const never = new AbortController().signal;
  const start = async (
    name: string,
    program: [string, ...string[]],
    more: Readonly<Record<string, string>>,
  ): Promise<{ readonly address: string } & AsyncDisposable> => {
    const spec = { name, program, env: { ...settings, ...more }, output: log.fd };
    const { address, stop } = await startProcess(spec, never);
    return { address, [Symbol.asyncDispose]: () => stop(STOP_MS, never) };
  };
  const server = opened.use(
    await start('the server', [path.join(ROOT, 'orchestrator/main.ts'), 'server'], {}),
  );
  const agent = new Agent({ keepAlive: true });
  opened.defer(() => agent.destroy());
  const kept = opened.move();
  return {
    site,
    startWorker: (more) =>
      start('the worker', [path.join(ROOT, 'worker/main.ts')], {
        ORCA_WEB_SERVER_HOST: server.address,
        ...more,
      }),
    trivialJob: (jobKey) => trivialJob(jobKey, site.url),
    put: (job) => put(new URL('/api/v1/grading_queue', server.address), job, { key, agent }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function prepareDatabase(url: string): Promise<string> {
  await using db = await connectDatabase({ url, applicationName: 'orca-bench' });
  await migrate(db);
  const key = randomBytes(KEY_BYTES).toString('base64url');
  const keySha256 = createHash('sha256').update(key).digest();
  await createApiKey(db, { keySha256, role: 'client', hostnames: [CLIENT] });
  return key;
}

function settingsOf(databaseUrl: string, folder: string): Record<string, string> {
  const { PATH = '', DOCKER_HOST } = loadEnvironment();
  return {
    PATH,
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

function trivialJob(key: string, siteUrl: string): GradingJobConfig {
  return {
    key,
    collation: { type: 'user', id: key },
    metadata_table: { course: 'Fundamentals 1' },
    files: {
      submission: { url: `${siteUrl}/hello.txt`, mime_type: 'text/plain', should_replace_paths: false },
    },
    priority: 0,
    script: [
      { cmd: ['true'], on_complete: 'next' },
      { cmd: ['cat', '$EXTRACTED/submission/hello.txt'], on_complete: 'output' },
    ],
    response_url: `${siteUrl}/results`,
    grader_image_sha: baseImageSha(),
  };
}

async function put(
  url: URL,
  job: GradingJobConfig,
  { key, agent }: { readonly key: string; readonly agent: Agent },
): Promise<void> {
  const body = JSON.stringify(job);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-api-key': key,
  };
  const sent = request(url, { method: 'PUT', agent, headers });
  sent.end(body);
  const [answer] = await once(sent, 'response');
  const said = await text(answer);
  if (answer.statusCode !== OK) throw new Error(`Cannot PUT a job: ${answer.statusCode} ${said}`);
}
