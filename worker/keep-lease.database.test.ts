import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { claimJob } from '@orca/database';
import { startLeaseKeeper } from './keep-lease.ts';
import { type KeptLeases, renewLeases } from './renew-leases.ts';
import { startTestWork } from './testing/start-test-work.ts';
import { waitFor } from './testing/wait-for.ts';

const log = createLogger({ name: 'test', level: 'silent', pretty: false });

test('startLeaseKeeper() tells of a lease that is no longer ours, and of no other', async () => {
  await using work = await startTestWork();
  await work.stop();
  const jobId = await work.put();
  const job = await claimJob(work.db, { workerId: 'me', leaseSeconds: 30 });
  assert.equal(job?.jobId, jobId);
  await using keeper = await startLeaseKeeper({ databaseUrl: work.db.url, leaseSeconds: 1 }, { log });
  const lost: string[] = [];
  keeper.keep({ jobId, leaseToken: job.leaseToken, renewSecondsMax: 60 }, () => lost.push('ours'));
  keeper.keep({ jobId, leaseToken: randomUUID(), renewSecondsMax: 60 }, () => lost.push('not ours'));
  const letGo = keeper.keep({ jobId, leaseToken: randomUUID(), renewSecondsMax: 60 }, () =>
    lost.push('let go'),
  );
  letGo();
  await waitFor('a loss', () => lost.length > 0);
  assert.deepEqual(lost, ['not ours']);
});

test('renewLeases() renews nothing beyond the time that it was given', async () => {
  await using work = await startTestWork();
  await work.stop();
  const jobId = await work.put();
  const job = await claimJob(work.db, { workerId: 'me', leaseSeconds: 30 });
  assert.ok(job);
  const lease = { jobId, leaseToken: job.leaseToken, renewSecondsMax: 1 };
  const leases: KeptLeases = new Map([[job.leaseToken, { ...lease, renewUntilMs: performance.now() - 1 }]]);
  const deps = { db: work.db, leaseSeconds: 30, onLost: () => assert.fail('it is not lost') };
  await renewLeases(leases, deps);
  assert.equal(leases.size, 0);
});
