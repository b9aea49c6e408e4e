import { migrate } from '@orca/database';
import { allowStrangeJobs, handQueries } from '@orca/database/testing';
import type { GradingJobConfig } from '@orca/protocol';
import { PgBoss } from 'pg-boss';
import { connectClients } from './connect-clients.ts';
import {
  CONNECTIONS,
  type Drainer,
  drainOneByOne,
  emptyLine,
  onConnections,
  type Place,
} from './contender.ts';
import { makeGradingId } from './grading-id.ts';
import { CLIENT, numberOf, sampleJob, sampleResult } from './sample-job.ts';

/** The names under which its figures stand. */
export const PG_BOSS = 'pg-boss';
export const PG_BOSS_BATCHES = 'pg-boss, batches of 50';

const QUEUE = 'grading';
const BATCH = 50;
const FILL_JOBS = 5_000;

/**
 * Makes the tables of pg-boss, and those that a run's rows go to.
 *
 * Its `fetch` and `complete` are called as fast as they answer: its own `work` waits half a second between two fetches
 * at least, unless batches are full. Nothing of its supervision runs meanwhile.
 */
export async function openPgBoss(url: string): Promise<Place> {
  await using opened = new AsyncDisposableStack();
  await migrate(url);
  await allowStrangeJobs(url);
  const boss = new PgBoss({ connectionString: url, max: CONNECTIONS, supervise: false, schedule: false });
  boss.on('error', () => undefined); // what fails, fails in the call, too
  await boss.start();
  opened.defer(() => boss.stop({ graceful: false }));
  await boss.createQueue(QUEUE);
  const writers = opened.use(await connectClients(url));
  const enqueue = async (number: number): Promise<void> => {
    await boss.send(QUEUE, sampleJob(number).config);
  };
  const kept = opened.move();
  return {
    timeClaims: null,
    enqueuers: [{ name: PG_BOSS, enqueue: (range) => onConnections(range, enqueue) }],
    drainers: [
      { name: PG_BOSS, drain: drainBy(boss, writers, 1) },
      { name: PG_BOSS_BATCHES, drain: drainBy(boss, writers, BATCH) },
    ],
    async fill({ first, count }) {
      for (let at = first; at < first + count; at += FILL_JOBS) {
        const length = Math.min(FILL_JOBS, first + count - at);
        const jobs = Array.from({ length }, (_, index) => ({ data: sampleJob(at + index).config }));
        await boss.insert(QUEUE, jobs);
      }
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The rows go out on a connection of the task's own, one statement a job. */
function drainBy(
  boss: PgBoss,
  writers: Awaited<ReturnType<typeof connectClients>>,
  batchSize: number,
): Drainer['drain'] {
  const body = sampleResult();
  const takeBatch = async (connection: number): Promise<void> => {
    const jobs = await boss.fetch<GradingJobConfig>(QUEUE, { batchSize });
    if (jobs.length < batchSize) throw emptyLine(PG_BOSS);
    for (const { data } of jobs) {
      const rows = handQueries.rowsOfRun(numberOf(data), makeGradingId(), body, CLIENT);
      await writers.of(connection).query(rows);
    }
    await boss.complete(
      QUEUE,
      jobs.map(({ id }) => id),
    );
  };
  return async ({ warmUp, timed }) => {
    const batches = Math.ceil(timed / batchSize);
    const ms = await drainOneByOne({ warmUp: Math.ceil(warmUp / batchSize), timed: batches }, takeBatch);
    return (ms * timed) / (batches * batchSize);
  };
}
