import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { type Claim, type ClaimedJob, claimJob, type Database, jobState, returnJob } from '@orca/database';
import { type ClaimDeps, runClaimLoop } from './claim-loop.ts';
import { createSlots } from './slots.ts';
import { startTestWork, FIT } from './testing/start-test-work.ts';
import { waitFor } from './testing/wait-for.ts';
import { createWakeUp } from './wake-up.ts';

const log = createLogger({ name: 'test', level: 'silent', pretty: false });

/** What the loop needs, with a job that ends at once. */
const claimDeps = (db: Database, changes: Partial<ClaimDeps>): ClaimDeps => ({
  db,
  workerId: 'tested',
  leaseSeconds: 30,
  pollMs: 60_000,
  slots: createSlots(1),
  fitness: FIT,
  wakeUp: createWakeUp(),
  log,
  renewOwnLeases: async () => {},
  runJob: async () => null,
  handBack: async () => {},
  ...changes,
});

test('runClaimLoop() hands back at once what it claimed while it was told to stop, and runs nothing', async () => {
  await using work = await startTestWork();
  await work.stop();
  const jobId = await work.put();
  const stop = new AbortController();
  // The signal comes between the claim's being sent and its answer.
  const db: Database = {
    ...work.db,
    query(statement, parameters) {
      stop.abort();
      return work.db.query(statement, parameters);
    },
  };
  const handBack = async ({ leaseToken }: ClaimedJob): Promise<void> => {
    await returnJob(work.db, { jobId, leaseToken, reason: 'shutdown', cause: 'a test' });
  };
  const runJob = async () => assert.fail('it must not run');
  await runClaimLoop(claimDeps(db, { handBack, runJob }), stop.signal);
  assert.equal((await jobState(work.db, jobId)).kind, 'waiting');
});

test('runClaimLoop() renews its own leases before it claims again after a silence', async () => {
  await using work = await startTestWork();
  await work.stop();
  await work.put();
  const stop = new AbortController();
  const order: string[] = [];
  const slots = createSlots(1);
  const db: Database = {
    ...work.db,
    query(statement, parameters) {
      if (statement.name.includes('take_turn')) order.push('claim');
      return work.db.query(statement, parameters);
    },
  };
  const deps = claimDeps(db, {
    slots,
    // So short a lease that every pause is a silence.
    leaseSeconds: 0.000_001,
    async renewOwnLeases() {
      order.push('renew');
    },
    async runJob() {
      stop.abort();
      return null;
    },
  });
  await runClaimLoop(deps, stop.signal);
  await slots.untilEmpty();
  assert.deepEqual(order, ['renew', 'claim']);
});

/** A loop that finds a job, whose run the test ends with what it was given to claim next. */
async function openLoop(changes: Partial<ClaimDeps> = {}) {
  await using opened = new AsyncDisposableStack();
  const work = opened.use(await startTestWork());
  await work.stop();
  const stop = new AbortController();
  const slots = createSlots(1);
  const runs: { job: ClaimedJob; nextClaim: () => Claim | null; end(next: ClaimedJob | null): void }[] = [];
  const runJob: ClaimDeps['runJob'] = (job, nextClaim) =>
    new Promise((resolve) => runs.push({ job, nextClaim, end: resolve }));
  // Before the loop begins: nobody would wake it.
  await work.put({ key: 'first' });
  const loop = runClaimLoop(claimDeps(work.db, { slots, runJob, ...changes }), stop.signal);
  opened.defer(async () => {
    stop.abort();
    for (const run of runs) run.end(null);
    await loop;
  });
  const kept = opened.move();
  return {
    ...{ work, stop, slots },
    /** The run with this number, from 0, once it has begun. */
    run: (number: number) => waitFor(`run ${number}`, () => runs[number]),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

test('runClaimLoop() runs in the same slot what was claimed with a result', async () => {
  await using loop = await openLoop();
  const { work } = loop;
  const first = await loop.run(0);
  await work.put({ key: 'second', collation: { type: 'user', id: 'other' } });
  const claim = first.nextClaim();
  assert.deepEqual(claim, { workerId: 'tested', leaseSeconds: 30 });
  const second = await claimJob(work.db, claim);
  first.end(second);
  assert.equal((await loop.run(1)).job.key, 'second');
  assert.equal(loop.slots.taken, 1);
});

test('runClaimLoop() hands back what was claimed with a result when it was told to stop meanwhile', async () => {
  const handedBack: string[] = [];
  const handBack = async ({ key }: ClaimedJob) => void handedBack.push(key);
  await using loop = await openLoop({ handBack });
  const first = await loop.run(0);
  await loop.work.put({ key: 'second', collation: { type: 'user', id: 'other' } });
  const second = await claimJob(loop.work.db, first.nextClaim() ?? assert.fail('the slot goes on'));
  loop.stop.abort();
  assert.equal(first.nextClaim(), null, 'nothing more is claimed');
  first.end(second);
  await loop.slots.untilEmpty();
  assert.deepEqual(handedBack, ['second']);
});

test('runClaimLoop() lets nothing be claimed with a result while something that every job needs fails', async () => {
  const troubles: string[] = [];
  await using loop = await openLoop({ fitness: { ...FIT, troubles } });
  const { nextClaim } = await loop.run(0);
  assert.notEqual(nextClaim(), null);
  troubles.push('the engine does not answer');
  assert.equal(nextClaim(), null);
});

test('runClaimLoop() looks for expired leases itself when it has not for some seconds', async (t) => {
  let clockMs = 1_000_000;
  t.mock.method(performance, 'now', () => clockMs);
  await using loop = await openLoop();
  const { nextClaim } = await loop.run(0);
  clockMs += 5_000;
  assert.notEqual(nextClaim(), null);
  clockMs += 1;
  assert.equal(nextClaim(), null);
});
