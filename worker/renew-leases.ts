import { type Database, renewLease } from '@orca/database/leases';

/** A lease to be kept. */
export interface HeldLease {
  readonly jobId: number;
  readonly leaseToken: string;
  /** How long it is renewed at most, in seconds: the job's own limit and what comes around it. */
  readonly renewSecondsMax: number;
}

/** Leases that are renewed, by their token, with the time (of `performance.now()`) when that ends. */
export type KeptLeases = Map<string, HeldLease & { readonly renewUntilMs: number }>;

/**
 * Renews each lease once. One that is no longer ours, or that has been renewed for as long as it may, is left out from
 * then on.
 *
 * @param onLost told of a lease that is no longer ours
 * @throws {DatabaseError} at the first that cannot be renewed now; the others wait for the next round
 */
export async function renewLeases(
  leases: KeptLeases,
  deps: {
    readonly db: Database;
    readonly leaseSeconds: number;
    readonly onLost: (leaseToken: string) => void;
  },
): Promise<void> {
  for (const [leaseToken, { jobId, renewUntilMs }] of [...leases]) {
    if (performance.now() > renewUntilMs) {
      leases.delete(leaseToken);
      continue;
    }
    const isOurs = await renewLease(deps.db, { jobId, leaseToken, leaseSeconds: deps.leaseSeconds });
    // It may have been let go meanwhile: then the job has ended, which is no loss.
    if (!isOurs && leases.delete(leaseToken)) deps.onLost(leaseToken);
  }
}
