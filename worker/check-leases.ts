import { type Database, renewLease } from '@orca/database';
import type { LiveRun } from './live-runs.ts';

/**
 * Renews the leases of some runs now, and stops those that have lost theirs: superseded, cancelled, or another worker's.
 *
 * @throws {DatabaseError} when it cannot be asked
 */
export async function checkLeases(
  runs: readonly LiveRun[],
  { db, leaseSeconds }: { readonly db: Database; readonly leaseSeconds: number },
): Promise<void> {
  for (const run of runs) {
    const { jobId, leaseToken } = run.job;
    if (!(await renewLease(db, { jobId, leaseToken, leaseSeconds }))) run.stop('lost');
  }
}
