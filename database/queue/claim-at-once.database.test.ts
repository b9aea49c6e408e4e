import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { cloneDatabase, handQueries, makeJob } from '../testing/index.ts';
import { claimJob } from './claim.ts';
import { enqueueJob } from './enqueue.ts';

const CLAIM = { workerId: 'w1', leaseSeconds: 30, graceAfterStartSeconds: 0 } as const;
const DEADLINE_MS = 30_000;

/** A database where Ada has put three jobs, a connection of somebody else's with a transaction open, and one whose waits have no limit. */
async function openQueue() {
  await using opened = new AsyncDisposableStack();
  const { db, url } = opened.use(await cloneDatabase());
  for (const key of ['old', 'middle', 'new']) await enqueueJob(db, makeJob({ key, user: 'ada' }));
  const connect = async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    opened.defer(() => client.end());
    return client;
  };
  const [other, claimer] = [await connect(), await connect()];
  await other.query('begin');
  const kept = opened.move();
  return { db, other, claimer, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

test('claimJob() passes by a job that another claim is taking, without a wait', async () => {
  await using queue = await openQueue();
  const { db, other } = queue;
  const { rows } = await other.query(
    handQueries.takeTurn({ ended: null, next: { ...CLAIM, workerId: 'w2' } }),
  );
  assert.equal(rows[0]?.config.key, 'new');
  // To wait for the other one would end after two seconds, without a job.
  assert.equal((await claimJob(db, CLAIM))?.key, 'middle');
  await other.query('rollback');
  assert.equal((await claimJob(db, CLAIM))?.key, 'new');
  assert.equal((await claimJob(db, CLAIM))?.key, 'old');
  assert.equal(await claimJob(db, CLAIM), null);
});

test('claimJob() waits for a job that somebody else changes, and does not serve an older one instead', async () => {
  await using queue = await openQueue();
  const { claimer, other } = queue;
  await other.query(`select from orca.jobs where config ->> 'key' = 'new' for no key update`);
  const claim = claimer.query(handQueries.takeTurn({ ended: null, next: CLAIM }));
  await untilSomeoneWaits(other);
  await other.query('commit');
  const { rows } = await claim;
  assert.equal(rows[0]?.config.key, 'new');
});

async function untilSomeoneWaits(client: pg.Client): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  for (;;) {
    const { rowCount } = await client.query(
      'select from pg_locks l join pg_stat_activity a using (pid) where a.datname = current_database() and not l.granted',
    );
    if (rowCount !== 0) return;
    if (performance.now() > end) throw new Error('Cannot see a claim that waits for the job');
    await delay(10);
  }
}
