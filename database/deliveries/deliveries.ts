import type { GradingJobConfig, JobLocation, StatusUpdate } from '@orca/protocol';
import type pg from 'pg';
import type { Database, Queries } from '../connect.ts';
import { signingSecrets } from '../api-keys/signing-secrets.ts';
import { isWorthRepeating } from '../database-error.ts';
import { sqlFile } from '../sql-blocks.ts';
import { retryDelaySeconds } from './schedule.ts';

const sql = sqlFile(import.meta.url, 'deliveries.sql');

/** A POST that a server is to make now. */
export type ClaimedDelivery = {
  deliveryId: number;
  leaseToken: string;
  /** `null` for an image's. */
  jobId: number | null;
  /** The same on every try, as is `body`. */
  webhookId: string;
  kind: 'status' | 'result' | 'image';
  url: string;
  client: string;
  /** The exact bytes, as JSON. */
  body: string;
  /** 1 for the first try. */
  attempt: number;
  /** An earlier try got no answer or a 5xx: the client may have taken it. */
  hadUnclearAttempt: boolean;
  /** By the database's clock. */
  claimedAt: Date;
  /** What it is signed with, the current one first: at least one. */
  secrets: string[];
  /** How long no other will be due, as {@link nextDeliveryMs} says it. */
  othersMs: number | null;
};

/** How one try went. */
export type DeliveryAttempt = {
  deliveryId: number;
  leaseToken: string;
  outcome: { kind: 'delivered' | 'refused' | 'given_up' } | { kind: 'retry'; retryAfterSeconds?: number };
  /** `null` when there was no answer. */
  statusCode: number | null;
  durationMs: number;
  /** What the client said, for staff; the first KiB is kept. */
  answerStart: string;
  error: string | null;
};

/** POSTs to one host at the same time, over all servers: one that comes back is not flattened. */
export const POSTS_PER_CLIENT_MAX = 2;

/** Orca's own among PostgreSQL's advisory locks. */
const DELIVERY_CLAIMS_LOCK = 7_620_110_003;
/** Of a claim that met a deadlock. */
const REPEATS_MAX = 20;
const ANSWER_CHARACTERS_MAX = 1_024;
const ERROR_CHARACTERS_MAX = 1_024;

type DeliveryRow = Omit<ClaimedDelivery, 'body'> & {
  /** `null` for a status, which is made of the job. */
  body: string | null;
  location: JobLocation | null;
  config: GradingJobConfig | null;
  /** A result whose job is in a later generation: it was on its way when that came, and its server has died. */
  isSuperseded: boolean;
};

/**
 * Claims the delivery that is due first, under a lease.
 *
 * At most two are under way to one host. Those of one job keep their order: a newer waits for one that is on its way, and
 * one that a newer has overtaken is dropped; so a status never comes after the result, nor an older generation's result
 * after a newer one's.
 *
 * @param claim.leaseSeconds longer than a POST can take: a lease that runs out under it sends it twice
 * @returns `null` when nothing may be sent now
 */
export async function claimDelivery(
  db: Database,
  claim: { serverId: string; leaseSeconds: number },
): Promise<ClaimedDelivery | null> {
  let row = await claimRow(db, claim);
  while (row?.isSuperseded) {
    await db.query(sql('drop_delivery'), [row.deliveryId, row.leaseToken]);
    row = await claimRow(db, claim);
  }
  if (row === undefined) return null;
  const { location, config, isSuperseded: _, ...delivery } = row;
  return {
    ...delivery,
    body: delivery.body ?? statusBody(row.jobId, location, config),
    // Of a client that gets its first POST, the secret is yet to be made.
    secrets: row.secrets.length > 0 ? row.secrets : await signingSecrets(db, row.client),
    othersMs: wholeMs(row.othersMs),
  };
}

/** Lock and claim in one round trip: each statement sees what was committed before it began, so the second sees all claims. */
async function claimRow(
  db: Database,
  { serverId, leaseSeconds }: { readonly serverId: string; readonly leaseSeconds: number },
): Promise<DeliveryRow | undefined> {
  const statements = [
    { statement: sql('lock_delivery_claims'), parameters: [DELIVERY_CLAIMS_LOCK] },
    { statement: sql('claim_delivery'), parameters: [serverId, leaseSeconds, POSTS_PER_CLIENT_MAX] },
  ];
  for (let repeats = 0; ; repeats += 1) {
    try {
      const [, claimed] = await db.batch(statements);
      return readRow(claimed);
    } catch (error) {
      if (!isWorthRepeating(error) || repeats === REPEATS_MAX) throw error;
    }
  }
}

function readRow(rows: readonly pg.QueryResultRow[] | undefined): DeliveryRow | undefined {
  const [row] = rows ?? [];
  if (row === undefined) return undefined;
  const { deliveryId, leaseToken, jobId, webhookId, kind, client, location, url, body, config } = row;
  const { attempt, hadUnclearAttempt, claimedAt, secrets, othersMs, isSuperseded } = row;
  return {
    ...{ deliveryId, leaseToken, jobId, webhookId, kind, client, location, url, body, config },
    ...{ attempt, hadUnclearAttempt, claimedAt, secrets, othersMs, isSuperseded },
  };
}

/**
 * Records a try, and when the next one is due.
 *
 * @returns false when the lease is no longer this one: another server tries it, and nothing was changed
 */
export async function recordDeliveryAttempt(db: Queries, tried: DeliveryAttempt): Promise<boolean> {
  const { deliveryId, leaseToken, outcome, statusCode, durationMs, answerStart, error } = tried;
  const delaySeconds = outcome.kind === 'retry' ? await delayOfRetry(db, tried, outcome) : 0;
  if (delaySeconds === null) return false;
  // Refused without an answer is what may not be sent: nothing was.
  const isUnclear = outcome.kind !== 'refused' && (statusCode === null || statusCode >= 500);
  const noted = await db.query(sql('note_attempt'), [
    ...[deliveryId, leaseToken, outcome.kind, delaySeconds, isUnclear],
    ...[statusCode, Math.max(0, Math.round(durationMs))],
    ...[
      storable(answerStart, ANSWER_CHARACTERS_MAX),
      error === null ? null : storable(error, ERROR_CHARACTERS_MAX),
    ],
  ]);
  return noted.length > 0;
}

/** @returns `null` when the lease is no longer this one */
async function delayOfRetry(
  db: Queries,
  { deliveryId, leaseToken }: DeliveryAttempt,
  { retryAfterSeconds }: { readonly retryAfterSeconds?: number },
): Promise<number | null> {
  const [found] = await db.query<{ attempt: number }>(sql('find_attempt'), [deliveryId, leaseToken]);
  return found === undefined ? null : retryDelaySeconds(found.attempt, retryAfterSeconds);
}

/**
 * How long nothing will be due.
 *
 * @returns milliseconds, 0 when something is due already (it may have to wait for others of its host); `null` when
 *   nothing is owed
 */
export async function nextDeliveryMs(db: Queries): Promise<number | null> {
  const [row] = await db.query<{ ms: number }>(sql('next_delivery'));
  return wholeMs(row?.ms ?? null);
}

function wholeMs(ms: number | null): number | null {
  return ms === null ? null : Math.ceil(ms);
}

/** Made anew on every try, of what does not change: the same bytes. */
function statusBody(
  jobId: number | null,
  location: JobLocation | null,
  config: GradingJobConfig | null,
): string {
  if (jobId === null || location === null || config === null) {
    throw new Error('Cannot make a status: its delivery has no job');
  }
  const update: StatusUpdate = { key: config.key, status: { location, id: jobId } };
  return JSON.stringify(update);
}

/** PostgreSQL's texts have no NUL. */
function storable(text: string, charactersMax: number): string {
  return text.replaceAll('\0', '\ufffd').slice(0, charactersMax);
}
