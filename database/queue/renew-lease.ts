import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'lease.sql');

/**
 * Renews a lease.
 *
 * @param lease.leaseSeconds from now on
 * @returns false when the token is no longer the job's: the run must stop, and counts no more
 */
export async function renewLease(
  db: Queries,
  lease: { jobId: number; leaseToken: string; leaseSeconds: number },
): Promise<boolean> {
  const renewed = await db.query(sql('renew_lease'), [lease.jobId, lease.leaseToken, lease.leaseSeconds]);
  return renewed.length > 0;
}
