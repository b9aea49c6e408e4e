import type { GradingJobConfig } from '@orca/protocol';
import type { Database, Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';
import { finishExhausted, RUNS_MAX } from './exhaust.ts';
import { type ClaimedJob, claimedJob, type NextRun, takeTurn } from './turn.ts';

const sql = sqlFile(import.meta.url, 'claim.sql');

/** A restart of PostgreSQL cut all workers off at once: they get so long to renew before anything is taken over. */
export const GRACE_AFTER_START_SECONDS = 30;

/** Another claim took the job first so often in a row: somebody else's turn. */
const MISSES_MAX = 20;

const LEASE_RAN_OUT = 'the worker no longer renewed its lease';

/** Who claims. */
export type Claim = NextRun & {
  /** No lease is taken over so long after PostgreSQL's start; for tests. */
  graceAfterStartSeconds?: number;
};

/**
 * Claims the job that is due first, under a lease, and queues the status `Worker` for its client.
 *
 * That is a run whose lease has run out, else the job that the released place with the earliest release time serves: the
 * one that it names, or its submitter's newest. What it costs does not grow with the queue.
 *
 * @returns `null` when nothing is due, or others have locked what is: they move, cancel or claim it at this moment
 * @throws {DatabaseError} `outcome_unknown`: if a job was claimed, its lease runs out by itself
 * @see docs/adr/0003-places-serve-the-newest-job.md
 */
export async function claimJob(db: Database, claim: Claim): Promise<ClaimedJob | null> {
  return (await takeOverRun(db, claim)) ?? (await claimWaitingJob(db, claim));
}

/**
 * {@link claimJob} without a look for runs whose lease has run out and for back-offs that have ended, which costs more than
 * the claim itself: for who looked a moment ago.
 */
export async function claimWaitingJob(db: Queries, claim: Claim): Promise<ClaimedJob | null> {
  for (let misses = 0; misses < MISSES_MAX; misses += 1) {
    const turn = await takeTurn(db, { ended: null, next: claim });
    if (turn.claim.kind !== 'missed') return turn.claim.kind === 'claimed' ? turn.claim.job : null;
  }
  return null;
}

async function takeOverRun(db: Database, claim: Claim): Promise<ClaimedJob | null> {
  const grace = claim.graceAfterStartSeconds ?? GRACE_AFTER_START_SECONDS;
  const parameters = [claim.workerId, claim.leaseSeconds, LEASE_RAN_OUT, grace, RUNS_MAX];
  const look = [
    { statement: sql('end_due_back_offs'), parameters: [] },
    { statement: sql('take_over_run'), parameters },
  ];
  for (;;) {
    const [, rows] = await db.batch(look);
    const row = rows?.[0];
    if (row?.kind !== 'exhausted') return claimedJob(row);
    await exhaustExpired(db, row.expiredId);
  }
}

/** The worker has died three times with it: whatever it is, another one shall not. */
async function exhaustExpired(db: Database, jobId: number): Promise<void> {
  await db.transaction(async (tx) => {
    const [expired] = await tx.query<{ leaseToken: string; config: GradingJobConfig }>(
      sql('lock_expired_job'),
      [jobId, RUNS_MAX],
    );
    if (expired === undefined) return; // renewed, finished or exhausted by another at this moment
    const { leaseToken, config } = expired;
    await finishExhausted(tx, { jobId, leaseToken, key: config.key, cause: LEASE_RAN_OUT });
  });
}
