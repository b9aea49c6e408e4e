import type { JobLocation } from '@orca/protocol';
import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'browse-deliveries.sql');

/** What a delivery carries. */
export type DeliveryKind = 'status' | 'result' | 'image';

/** Where a delivery is, as `docs/job-lifecycle.md` says. */
export type DeliveryState = 'pending' | 'delivered' | 'refused' | 'given_up' | 'dropped';

/** A delivery as lists show it, with its last try. Neither URL nor body: the one may hold a secret, the other a key. */
export type ListedDelivery = {
  deliveryId: number;
  kind: DeliveryKind;
  client: string;
  /** `null` for an image's. */
  jobId: number | null;
  /** Of a result. */
  generation: number | null;
  /** Of a status. */
  location: JobLocation | null;
  /** Of an image's outcome. */
  imageSha: string | null;
  webhookId: string;
  state: DeliveryState;
  /** 1, and one more for each time that it was sent again. */
  round: number;
  /** Tries of this round, one under way included. */
  attempts: number;
  createdAt: Date;
  endedAt: Date | null;
  /** `null` unless it is pending. */
  nextTryAt: Date | null;
  /** A server is POSTing it now. */
  isUnderWay: boolean;
  /** Of the last try, like the two that follow; `null` when there was none, or no answer. */
  statusCode: number | null;
  error: string | null;
  triedAt: Date | null;
};

/** One try of a delivery. */
export type ListedAttempt = {
  round: number;
  /** Counts the tries of its round, from 1. */
  attempt: number;
  endedAt: Date;
  outcome: 'delivered' | 'refused' | 'given_up' | 'retry';
  statusCode: number | null;
  durationMs: number;
  /** The first KiB of what the client said. Untrusted. */
  answerStart: string;
  error: string | null;
};

/** Which deliveries a list shows. */
export type DeliveryFilter = {
  /** Hostnames; `null` for all. */
  clients: readonly string[] | null;
  states: readonly DeliveryState[];
  kinds: readonly DeliveryKind[];
};

const DELIVERIES_OF_JOB_MAX = 50;
const ATTEMPTS_SHOWN_MAX = 100;

/** A page of deliveries, the newest first. */
export async function listDeliveries(
  db: Queries,
  { clients, states, kinds }: DeliveryFilter,
  page: { limit: number; offset: number },
): Promise<ListedDelivery[]> {
  return db.query(sql('list_deliveries'), [clients, states, kinds, page.limit, page.offset]);
}

/** The results that a job's client is or was owed, and the status that is still to be sent; the last 50, the newest first. */
export async function listDeliveriesOfJob(db: Queries, jobId: number): Promise<ListedDelivery[]> {
  return db.query(sql('list_deliveries_of_job'), [jobId, DELIVERIES_OF_JOB_MAX]);
}

/** Looks a delivery up; `null` when there is none. */
export async function findDelivery(db: Queries, deliveryId: number): Promise<ListedDelivery | null> {
  const [found] = await db.query<ListedDelivery>(sql('find_delivery'), [deliveryId]);
  return found ?? null;
}

/** The tries of a delivery, in all of its rounds; the last 100, the newest first. */
export async function listAttempts(db: Queries, deliveryId: number): Promise<ListedAttempt[]> {
  return db.query(sql('list_attempts'), [deliveryId, ATTEMPTS_SHOWN_MAX]);
}
