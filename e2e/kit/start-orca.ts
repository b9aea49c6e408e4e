import { cloneDatabase } from '@orca/database/testing';
import { type FakeClient, startFakeClient } from './fake-client.ts';
import { type OrcaProcess, startProcess } from './start-process.ts';

/** A whole Orca of its own for one test: a database, a server, workers and a client. */
export interface TestOrca extends AsyncDisposable {
  readonly url: string;
  readonly databaseUrl: string;
  readonly client: FakeClient;
  readonly server: OrcaProcess;
  startWorker(settings?: Record<string, string>): Promise<OrcaProcess>;
  /** PUTs a job and returns the answer's status and body. */
  put(job: unknown): Promise<{ status: number; body: PutAnswer }>;
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

/** Starts a server on a fresh database with a fake client; workers are started by the test. */
export async function startOrca(settings: Record<string, string> = {}): Promise<TestOrca> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await cloneDatabase());
  const client = opened.use(await startFakeClient());
  const server = opened.use(
    await startProcess(['orchestrator/main.ts', 'server'], {
      POSTGRES_URL: database.url,
      API_PORT: '0',
      ...settings,
    }),
  );
  const stack = opened.move();
  return {
    url: server.address,
    databaseUrl: database.url,
    client,
    server,
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
    async put(job) {
      const answer = await fetch(`${server.address}/api/v1/grading_queue`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: typeof job === 'string' ? job : JSON.stringify(job),
      });
      return { status: answer.status, body: (await answer.json()) as PutAnswer };
    },
    async statusOf(jobId) {
      const answer = await fetch(`${server.address}/api/v1/grading_queue/${jobId}/status`);
      return (await answer.json()) as string;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
