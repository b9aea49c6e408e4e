import { once } from 'node:events';
import { migrate } from '@orca/database';
import { allowStrangeJobs, handQueries } from '@orca/database/testing';
import { Logger, makeWorkerUtils, run, type TaskList } from 'graphile-worker';
import pg from 'pg';
import { CONNECTIONS, type Drainer, onConnections, type Place } from './contender.ts';
import { makeGradingId } from './grading-id.ts';
import { CLIENT, numberOf, sampleJob, sampleResult } from './sample-job.ts';

/** The names under which its figures stand. */
export const GRAPHILE = 'graphile-worker';
export const GRAPHILE_LOCAL_QUEUE = 'graphile-worker, local queue';

const TASK = 'grade';
const FILL_JOBS = 5_000;
/** Its pool also carries what the tasks write; ten is its own default. */
const POOL_SIZE = 10;

/** Its documentation's starting point is one more than the tasks that run at once; more takes load off the database. */
const LOCAL_QUEUE = { size: 50 };
const COMPLETE_BATCH_MS = 0;

const quiet = new Logger(() => () => undefined);

/** Makes the tables of graphile-worker, and those that a run's rows go to. */
export async function openGraphile(url: string): Promise<Place> {
  await using opened = new AsyncDisposableStack();
  await migrate(url);
  await allowStrangeJobs(url);
  const pgPool = new pg.Pool({ connectionString: url, max: POOL_SIZE });
  pgPool.on('error', () => undefined);
  pgPool.on('connect', (client) => client.on('error', () => undefined)); // it warns on the console without one
  opened.defer(() => pgPool.end());
  const utils = await makeWorkerUtils({ pgPool, logger: quiet });
  opened.defer(async () => utils.release());
  await utils.migrate();
  const enqueue = async (number: number): Promise<void> => {
    await utils.addJob(TASK, sampleJob(number).config);
  };
  const kept = opened.move();
  return {
    timeClaims: null,
    enqueuers: [{ name: GRAPHILE, enqueue: (range) => onConnections(range, enqueue) }],
    drainers: [
      { name: GRAPHILE, drain: drainBy(pgPool, {}) },
      {
        name: GRAPHILE_LOCAL_QUEUE,
        drain: drainBy(pgPool, { localQueue: LOCAL_QUEUE, completeJobBatchDelay: COMPLETE_BATCH_MS }),
      },
    ],
    async fill({ first, count }) {
      for (let at = first; at < first + count; at += FILL_JOBS) {
        const length = Math.min(FILL_JOBS, first + count - at);
        const jobs = Array.from({ length }, (_, index) => ({
          identifier: TASK,
          payload: sampleJob(at + index).config,
        }));
        await utils.addJobs(jobs);
      }
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

type WorkerOptions = { localQueue?: { size: number }; completeJobBatchDelay?: number };

/** Its own loop of claims runs; the time is that from one job's end to another's, without start and stop. */
function drainBy(pgPool: pg.Pool, worker: WorkerOptions): Drainer['drain'] {
  const body = sampleResult();
  return async ({ warmUp, timed }) => {
    const ends = new EventTarget();
    let done = 0;
    let start = 0;
    const taskList: TaskList = {
      async [TASK](payload, { withPgClient }) {
        const number = numberOf(payload);
        const rows = handQueries.rowsOfRun(number, makeGradingId(), body, CLIENT);
        await withPgClient((client) => client.query(rows));
        done += 1;
        if (done === warmUp) start = performance.now();
        if (done === warmUp + timed) ends.dispatchEvent(new Event('end'));
      },
    };
    const ended = once(ends, 'end');
    const preset = { worker };
    const options = {
      pgPool,
      taskList,
      preset,
      concurrency: CONNECTIONS,
      logger: quiet,
      noHandleSignals: true,
    };
    const runner = await run(options);
    await ended;
    const ms = performance.now() - start;
    await runner.stop();
    return ms;
  };
}
