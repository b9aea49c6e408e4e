import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { listViolations } from '../audit/invariants.ts';
import { connectDatabase, type Database } from '../connect.ts';
import { findOrder, type TimedDeed } from '../testing/find-order.ts';
import { passTime } from '../testing/index.ts';
import { type Deed, openQueue, perform, type QueueUnderTest } from '../testing/queue-deeds.ts';
import { describeDatabase, findUntoldChanges } from '../testing/queue-description.ts';
import { concurrentOperation, type Operation, singleOperation } from '../testing/queue-operations.ts';

const ACTORS = 4;
const RUNS = 12;
const ROUNDS = 3;
const OPERATIONS_MAX = 20;
const SMALL_RUNS = 300;
const SMALL_ACTORS = 3;
/** Longer than any delay, back-off or lease of the operations. */
const LONG_SECONDS = 100_000;

let queue: QueueUnderTest;
const opened = new AsyncDisposableStack();
const connections: Database[] = [];

before(async () => {
  queue = opened.use(await openQueue());
  for (let actor = 0; actor < ACTORS; actor += 1) {
    const options = { url: queue.database.url, applicationName: `orca test actor ${actor}`, poolSize: 1 };
    connections.push(opened.use(await connectDatabase(options)));
  }
});

after(() => opened.disposeAsync());

/** Each actor does its operations one after another, all actors at the same time. */
async function actAtOnce(scripts: readonly (readonly Operation[])[]): Promise<TimedDeed[]> {
  const deeds: TimedDeed[] = [];
  const act = async (script: readonly Operation[], db: Database) => {
    for (const operation of script) {
      const beganMs = performance.now();
      const deed = await perform(operation, queue, db);
      if (deed !== null) deeds.push({ ...deed, beganMs, endedMs: performance.now() });
    }
  };
  await Promise.all(connections.slice(0, scripts.length).map((db, actor) => act(scripts[actor] ?? [], db)));
  return deeds;
}

/** Takes everything that is left to its end. */
async function gradeTheRest(db: Database): Promise<void> {
  await perform({ kind: 'built' }, queue, db);
  // What was with a worker is taken over when its lease has run out; the first time round the queue may be empty.
  for (let turn = 0; turn < 2; turn += 1) {
    await passTime(queue.client, LONG_SECONDS);
    for (;;) {
      const claimed = await perform({ kind: 'claim' }, queue, db);
      if (claimed?.claimed === null) break;
      await perform({ kind: 'finish', run: 0 }, queue, db);
    }
  }
}

/** What each client was promised: of every job that was put, the last generation has ended, in one result. */
async function assertAllEnded(deeds: readonly Deed[]): Promise<void> {
  const jobs = await queue.client.query<{ key: string; state: string; generation: number; results: number }>(
    `select config->>'key' as key, state, generation,
       (select count(*)::integer from orca.results r where r.job_id = j.id) as results
     from orca.jobs j`,
  );
  const put = deeds.filter(({ operation, answer }) => operation.kind === 'put' && answer !== 'unknown_image');
  const names = new Set(put.map(({ operation }) => (operation.kind === 'put' ? operation.name : '')));
  assert.deepEqual(new Set(jobs.rows.map(({ key }) => key)), names, 'a job is lost');
  for (const { key, state, generation, results } of jobs.rows) {
    assert.equal(state, 'finished', key);
    assert.ok(
      results >= 1 && results <= generation,
      `${key}: ${results} results of ${generation} generations`,
    );
  }
}

/** Nobody's run was given twice, and no run has ended more than once. */
function assertRunsAreOnes(deeds: readonly Deed[]): void {
  const claims = deeds.filter(({ claimed }) => claimed !== null);
  assert.equal(
    new Set(claims.map(({ claimed }) => claimed?.leaseToken)).size,
    claims.length,
    'a token was given twice',
  );
  const ends = deeds.filter(
    ({ operation: { kind }, answer }) =>
      ['finish', 'finish_and_claim', 'shutdown', 'not_now', 'fault', 'hold'].includes(kind) &&
      !answer.startsWith('false') &&
      answer !== 'fenced',
  );
  assert.equal(new Set(ends.map(({ run }) => run?.leaseToken)).size, ends.length, 'a run has ended twice');
}

const script = fc.array(concurrentOperation, { minLength: 1, maxLength: OPERATIONS_MAX, size: 'max' });
const scripts = fc.array(script, { minLength: ACTORS, maxLength: ACTORS });

test('whatever four do to the queue at once, no invariant breaks and every job comes to one end', async () => {
  const { db } = queue.database;
  await fc.assert(
    fc.asyncProperty(fc.array(scripts, { minLength: 1, maxLength: ROUNDS }), async (rounds) => {
      await queue.clear();
      const deeds: Deed[] = [];
      for (const round of rounds) {
        deeds.push(...(await actAtOnce(round)));
        assert.deepEqual(await listViolations(db), []);
        assert.deepEqual(await findUntoldChanges(queue.client), []);
        await passTime(queue.client, 700);
      }
      await gradeTheRest(db);
      assert.deepEqual(await listViolations(db), []);
      assertRunsAreOnes(deeds);
      await assertAllEnded(deeds);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});

const start = fc.array(singleOperation, { maxLength: 10, size: 'max' });
const pair = fc.array(singleOperation, { minLength: 1, maxLength: 2 });
const pairs = fc.array(pair, { minLength: SMALL_ACTORS, maxLength: SMALL_ACTORS });

test('what three do to the queue at once is what they would have done in some order', async () => {
  const { db } = queue.database;
  await fc.assert(
    fc.asyncProperty(start, pairs, async (operations, small) => {
      await queue.clear();
      const done: Deed[] = [];
      for (const operation of operations) {
        const deed = await perform(operation, queue, db);
        if (deed !== null) done.push(deed);
      }
      const deeds = await actAtOnce(small);
      const end = await describeDatabase(queue.client);
      const told = deeds.map(({ operation, answer, beganMs, endedMs }) => ({
        operation,
        answer,
        beganMs,
        endedMs,
      }));
      const saw = `no order explains ${JSON.stringify({ before: done, told, end }, null, 1)}`;
      assert.ok(findOrder(done, deeds, end) !== null, saw);
    }),
    { numRuns: SMALL_RUNS, endOnFailure: true },
  );
});
