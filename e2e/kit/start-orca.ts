import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneDatabase } from '@orca/database/testing';
import { type FakeClient, startFakeClient } from './fake-client.ts';
import { removeImagesOf } from './images.ts';
import { type OrcaProcess, startProcess } from './start-process.ts';

/** A whole Orca of its own for one test: a database, a server, workers and a client. */
export interface TestOrca extends AsyncDisposable {
  readonly url: string;
  readonly databaseUrl: string;
  readonly client: FakeClient;
  readonly server: OrcaProcess;
  /** Where saved images lie. */
  readonly imageFolder: string;
  /** Another server on the same database, for what the first does no more. */
  startServer(settings?: Record<string, string>): Promise<OrcaProcess>;
  startImageBuilder(settings?: Record<string, string>): Promise<OrcaProcess>;
  startWorker(settings?: Record<string, string>): Promise<OrcaProcess>;
  /** PUTs a job and returns the answer's status and body. */
  put(job: unknown, headers?: Record<string, string>): Promise<{ status: number; body: PutAnswer }>;
  /** POSTs a Dockerfile; returns the answer's status and body, and the SHA-256. */
  postImage(
    dockerfile: string,
    responseUrl?: string,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: PutAnswer; sha: string }>;
  /** The sentence that a browser sees for an image. */
  imageStatusOf(sha: string): Promise<string>;
  /** The sentence that a browser sees for a job. */
  statusOf(jobId: number): Promise<string>;
}

/** What the API answers to a `PUT`, good or bad. */
export interface PutAnswer {
  readonly message?: string;
  readonly status?: { location: string; id: number };
  readonly warnings?: string[];
  readonly errors?: string[];
  readonly code?: string;
}

/**
 * Starts a server on a fresh database with a fake client; workers are started by the test.
 *
 * @param ownUrl the database of a server that the test may hurt; unset: one on the server that all tests share
 */
export async function startOrca(
  settings: Record<string, string> = {},
  ownUrl: string | null = null,
): Promise<TestOrca> {
  await using opened = new AsyncDisposableStack();
  const database = ownUrl === null ? opened.use(await cloneDatabase()) : { url: ownUrl };
  const client = opened.use(await startFakeClient());
  const imageFolder = await mkdtemp(join(tmpdir(), 'orca-e2e-images-'));
  opened.defer(() => rm(imageFolder, { recursive: true }));
  // Before the processes in this list, so after their end.
  opened.defer(() => removeImagesOf(database.url));
  const launchServer = (serverSettings: Record<string, string>): Promise<OrcaProcess> =>
    startProcess(['orchestrator/main.ts', 'server'], {
      POSTGRES_URL: database.url,
      API_PORT: '0',
      ORCA_IMAGE_FOLDER: imageFolder,
      ...settings,
      ...serverSettings,
    });
  const server = opened.use(await launchServer({}));
  const stack = opened.move();
  return {
    url: server.address,
    databaseUrl: database.url,
    client,
    server,
    imageFolder,
    startServer: async (serverSettings = {}) => stack.use(await launchServer(serverSettings)),
    async startImageBuilder(builderSettings = {}) {
      return stack.use(
        await startProcess(['orchestrator/main.ts', 'image-builder'], {
          POSTGRES_URL: database.url,
          ORCA_IMAGE_FOLDER: imageFolder,
          ...settings,
          ...builderSettings,
        }),
      );
    },
    async startWorker(workerSettings = {}) {
      return stack.use(
        await startProcess(['worker/main.ts'], {
          POSTGRES_URL: database.url,
          ORCA_WEB_SERVER_HOST: server.address,
          ...settings,
          ...workerSettings,
        }),
      );
    },
    async put(job, headers = {}) {
      const answer = await fetch(`${server.address}/api/v1/grading_queue`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof job === 'string' ? job : JSON.stringify(job),
      });
      return { status: answer.status, body: (await answer.json()) as PutAnswer };
    },
    async postImage(dockerfile, responseUrl = `${client.url}/images`, headers = {}) {
      const sha = createHash('sha256').update(dockerfile).digest('hex');
      const request = {
        dockerfile_contents: dockerfile,
        dockerfile_sha_sum: sha,
        response_url: responseUrl,
      };
      const answer = await fetch(`${server.address}/api/v1/grader_images`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(request),
      });
      return { status: answer.status, body: (await answer.json()) as PutAnswer, sha };
    },
    async imageStatusOf(sha) {
      const answer = await fetch(`${server.address}/api/v1/grader_images/status/${sha}`);
      return (await answer.json()) as string;
    },
    async statusOf(jobId) {
      const answer = await fetch(`${server.address}/api/v1/grading_queue/${jobId}/status`);
      return (await answer.json()) as string;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
