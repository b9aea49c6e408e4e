import { type Database, isLockTimeout, renewLease } from '@orca/database/leases';

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
 * @throws {DatabaseError} when one cannot be renewed now. Where only its own row is locked, the others are renewed before;
 *   else they wait for the next round
 */
export async function renewLeases(
  leases: KeptLeases,
  deps: {
    readonly db: Database;
    readonly leaseSeconds: number;
    readonly onLost: (leaseToken: string) => void;
  },
): Promise<void> {
  let locked: unknown = null;
  for (const [leaseToken, { jobId, renewUntilMs }] of [...leases]) {
    if (performance.now() > renewUntilMs) {
      leases.delete(leaseToken);
      continue;
    }
    try {
      const isOurs = await renewLease(deps.db, { jobId, leaseToken, leaseSeconds: deps.leaseSeconds });
      // It may have been let go meanwhile: then the job has ended, which is no loss.
      if (!isOurs && leases.delete(leaseToken)) deps.onLost(leaseToken);
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      locked ??= error;
    }
  }
  if (locked !== null) throw locked;
}
