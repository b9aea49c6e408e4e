import type { GradingJobConfig } from '@orca/protocol';
import type pg from 'pg';
import type { BoundStatement } from '../batch.ts';
import type { Database, Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'turn.sql');

/** A job that a worker has, for as long as its lease lasts. */
export type ClaimedJob = {
  jobId: number;
  /** Counts the contents that the job was given, from 1. */
  generation: number;
  /** Counts the runs of this generation that our own faults did not let end, this one included: 1 to 3. */
  attempt: number;
  key: string;
  responseUrl: string;
  config: GradingJobConfig;
  /** Names the lease in all that the worker writes. */
  leaseToken: string;
  /** From release to claim. */
  queuedMs: number;
};

/** How a run ended, and what its client is to get. */
export type FinishedRun = {
  jobId: number;
  leaseToken: string;
  /** `failed`: no fault of the submission. */
  outcome: 'graded' | 'failed';
  /** The `webhook-id` of the POST, such as `msg_…`. */
  gradingId: string;
  /** The exact bytes of the POST, as JSON. */
  body: string;
};

/** For whom a job is claimed. */
export type NextRun = {
  workerId: string;
  /** How long the lease lasts unless it is renewed. */
  leaseSeconds: number;
};

/** What a slot does between two runs: it ends one, begins the next, or both. */
export type Turn = { ended: FinishedRun | null; next: NextRun | null };

/** What came of a turn. */
export type TurnOutcome = {
  /** False also where no run was to end. */
  isStored: boolean;
  /** `missed`: another claim came in between, and it is worth another try. `none`: nothing is due, or was to be claimed. */
  claim: { kind: 'claimed'; job: ClaimedJob } | { kind: 'missed' } | { kind: 'none' };
};

/**
 * Ends a run, claims the next waiting job, or does both, in one statement: all or nothing.
 *
 * @see docs/adr/0024-one-statement-between-two-runs.md
 */
export async function takeTurn(db: Queries, turn: Turn): Promise<TurnOutcome> {
  const [row] = await db.query(sql('take_turn'), turnParameters(turn));
  return turnOutcome(row);
}

/** {@link takeTurn}, behind other statements of one transaction. */
export async function takeTurnAfter(
  db: Database,
  before: readonly BoundStatement[],
  turn: Turn,
): Promise<TurnOutcome> {
  const itself = { statement: sql('take_turn'), parameters: turnParameters(turn) };
  const answers = await db.batch([...before, itself]);
  return turnOutcome(answers.at(-1)?.[0]);
}

function turnOutcome(row: pg.QueryResultRow | undefined): TurnOutcome {
  const isStored = row?.['isStored'] === true;
  const job = claimedJob(row);
  if (job !== null) return { isStored, claim: { kind: 'claimed', job } };
  return { isStored, claim: { kind: row?.['kind'] === 'missed' ? 'missed' : 'none' } };
}

/** What the statement takes, in its order. */
export function turnParameters({ ended, next }: Turn): (string | number | null)[] {
  return [
    ...[next?.workerId ?? null, next?.leaseSeconds ?? null],
    ...[ended?.jobId ?? null, ended?.leaseToken ?? null, ended?.outcome ?? null],
    ...[ended?.gradingId ?? null, ended?.body ?? null],
  ];
}

/**
 * Reads the row of a statement that claims. Its `config` comes from nowhere but an enqueue, which took it checked.
 *
 * @returns `null` when it claimed nothing
 */
export function claimedJob(row: pg.QueryResultRow | undefined): ClaimedJob | null {
  if (row?.kind !== 'claimed') return null;
  const { jobId, generation, attempt, config, responseUrl, leaseToken, queuedMs } = row;
  return { jobId, generation, attempt, key: config.key, responseUrl, config, leaseToken, queuedMs };
}
