import { randomBytes, randomUUID } from 'node:crypto';
import { createLogger } from '@orca/daemon';
import { connectDatabase, type Database, enqueueJob, notifyJobs, registerWorker } from '@orca/database';
import { cloneDatabase } from '@orca/database/testing';
import { baseImageSha, clientOf, type GradingJobConfig } from '@orca/protocol';
import type { Fitness } from '../fitness.ts';
import { startWork, type Work, type WorkOptions } from '../work.ts';
import { createFakeGrading, type FakeGrading } from './fake-grading.ts';

/** A worker at work on a database of its own, with grading that the test controls. */
export interface TestWork extends AsyncDisposable {
  /** The test's own connection. */
  readonly db: Database;
  readonly grading: FakeGrading;
  /** Tells the worker to stop, and waits for its end. */
  stop(hurried?: AbortSignal): Promise<void>;
  /** Queues a job and tells the workers; returns its id. */
  put(
    changes?: Partial<GradingJobConfig>,
    options?: { delaySeconds?: number; silently?: boolean },
  ): Promise<number>;
}

/** Of a worker that can always work. */
export const FIT: Fitness = { needs: {}, troubles: [], untilFit: async () => {}, report: () => {} };

const SILENT = createLogger({ name: 'test', level: 'silent', pretty: false });

const JOB: GradingJobConfig = {
  key: 'a key',
  collation: { type: 'user', id: '42' },
  metadata_table: {},
  files: {},
  priority: 0,
  script: [{ cmd: 'true', on_complete: 'output' }],
  response_url: 'http://course.example.edu/grades/17',
  grader_image_sha: baseImageSha(),
};

/**
 * Starts a worker.
 *
 * @param changes.databaseUrl how it reaches the database, when not straight: through a proxy that the test cuts
 * @param changes.seenBy puts the test between the worker and its connection
 * @param changes.on another test's database, for a second worker
 */
export async function startTestWork(
  changes: Partial<WorkOptions> & {
    fitness?: Fitness;
    on?: Database;
    databaseUrl?: (url: string) => string;
    seenBy?: (db: Database) => Database;
  } = {},
): Promise<TestWork> {
  await using opened = new AsyncDisposableStack();
  const { fitness = FIT, on, databaseUrl = (url) => url, seenBy = (own) => own, ...options } = changes;
  const db = on ?? opened.use(await cloneDatabase()).db;
  const own = opened.use(
    await connectDatabase({ url: databaseUrl(db.url), applicationName: 'orca-worker-test' }),
  );
  const workerId = randomUUID();
  await registerWorker(db, {
    workerId,
    hostname: 'test',
    tokenHash: randomBytes(32),
    version: '0',
    slots: 1,
    engineId: 'none',
  });
  const grading = createFakeGrading();
  const stopping = new AbortController();
  const defaults = { workerId, slots: 1, leaseSeconds: 30, pollMs: 60_000, graceMs: 0, overheadSeconds: 600 };
  const work: Work = await startWork(
    { ...defaults, ...options },
    {
      db: seenBy(own),
      grading,
      fitness,
      metrics: { noteRun: () => {}, noteContainer: () => {} },
      spans: { add: () => {} },
      gate: () => {},
      log: SILENT,
    },
    stopping.signal,
  );
  const stop = async (hurried = new AbortController().signal): Promise<void> => {
    stopping.abort();
    await work.drain(hurried);
  };
  opened.defer(async () => {
    if (!stopping.signal.aborted) await stop();
  });
  const closing = opened.move();
  return {
    db,
    grading,
    stop,
    put: (job = {}, how = {}) => put(db, { ...JOB, ...job }, how),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

async function put(
  db: Database,
  config: GradingJobConfig,
  { delaySeconds = 0, silently = false }: { delaySeconds?: number; silently?: boolean },
): Promise<number> {
  const { key, response_url: responseUrl, collation } = config;
  const client = clientOf(responseUrl);
  const queued = await enqueueJob(db, {
    ...{ client, key, responseUrl, collation, config, delaySeconds },
    immediate: false,
  });
  if (queued.kind !== 'queued') throw new Error('Cannot queue the job of a test: its image is not known');
  if (!silently) await notifyJobs(db);
  return queued.jobId;
}
