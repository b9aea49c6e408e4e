import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { type ClaimedJob, type Database, jobState, returnJob } from '@orca/database';
import { type ClaimDeps, runClaimLoop } from './claim-loop.ts';
import { createSlots } from './slots.ts';
import { startTestWork, FIT } from './testing/start-test-work.ts';
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
  runJob: async () => {},
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
  const runJob = async (): Promise<void> => assert.fail('it must not run');
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
      if (statement.name.includes('claim_job')) order.push('claim');
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
    },
  });
  await runClaimLoop(deps, stop.signal);
  await slots.untilEmpty();
  assert.deepEqual(order, ['renew', 'claim']);
});
