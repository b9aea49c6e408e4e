import { makeDatabase } from '@orca/database/testing';
import { openBareInsert } from './bare-insert.ts';
import { type Enqueuer, timeOf } from './contender.ts';
import { type Series, perSecond, rotated } from './figures.ts';
import { openGraphile } from './graphile-worker.ts';
import { openOrca } from './orca.ts';
import { openPgBoss } from './pg-boss.ts';
import { startPuts } from './put-over-http.ts';
import type { QueueBench } from './run-queue.ts';
import type { Scale } from './scale.ts';

type Measured = { enqueuer: Enqueuer; rates: number[] };

/** Measures how fast jobs are queued, one by one: through HTTP, by each queue, and as a bare insert. */
export async function measureEnqueue({ scale, serverUrl, folder, say }: QueueBench): Promise<Series[]> {
  await using opened = new AsyncDisposableStack();
  const database = (name: string) => makeDatabase(serverUrl, `bench_enqueue_${name}`);
  const orca = opened.use(await openOrca(await database('orca')));
  const pgBoss = opened.use(await openPgBoss(await database('pgboss')));
  const graphile = opened.use(await openGraphile(await database('graphile')));
  const bareInsert = opened.use(await openBareInsert(await database('bare')));
  const puts = opened.use(await startPuts(orca, folder));
  const queues = [orca, pgBoss, graphile].flatMap(({ enqueuers }) => enqueuers);
  const all = [puts, ...queues, bareInsert].map((enqueuer): Measured => ({ enqueuer, rates: [] }));
  let first = 1;
  for (let round = 0; round < scale.rounds; round += 1) {
    say(`enqueue: round ${round + 1} of ${scale.rounds}`);
    for (const { enqueuer, rates } of rotated(all, round)) {
      rates.push(await enqueueRate(enqueuer, first, scale));
      first += scale.warmUp + scale.enqueued;
    }
  }
  return all.map(({ enqueuer, rates }) => ({ work: { kind: 'enqueue' }, name: enqueuer.name, rates }));
}

async function enqueueRate(enqueuer: Enqueuer, first: number, scale: Scale): Promise<number> {
  const { warmUp, enqueued: count } = scale;
  await enqueuer.enqueue({ first, count: warmUp });
  return perSecond(count, await timeOf(() => enqueuer.enqueue({ first: first + warmUp, count })));
}
