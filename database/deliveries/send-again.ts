import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';
import type { DeliveryKind, DeliveryState } from './browse-deliveries.ts';

const sql = sqlFile(import.meta.url, 'send-again.sql');

/** What became of a delivery that was to be sent again. */
export type SentAgain =
  /** It is due now, and its tries are counted anew. */
  | { kind: 'sent_again'; client: string }
  | { kind: 'unknown' }
  /** Nothing was changed: a server is POSTing it, it is a status, the job has got newer content, or the image another outcome. */
  | { kind: 'under_way' | 'is_status' | 'dropped' | 'superseded'; client: string };

type LockedDelivery = {
  client: string;
  kind: DeliveryKind;
  state: DeliveryState;
  generation: number | null;
  isUnderWay: boolean;
  hasNewerOutcome: boolean;
};

/** Deliveries of one host that are sent again at once: what is left needs another request. */
export const SENT_AGAIN_MAX = 10_000;

/**
 * Has a delivery sent again, under the same `webhook-id` and with the same body. One that is delivered, refused or given
 * up is pending then; one that is pending does not wait any longer.
 *
 * A result that a newer content of its job has overtaken, or an image's newer build its outcome, is not sent: the client would
 * take it for the newer's.
 *
 * The caller tells the servers ({@link notifyDeliveries}) afterwards.
 *
 * @param tx a transaction
 */
export async function sendDeliveryAgain(tx: Queries, deliveryId: number): Promise<SentAgain> {
  const [job] = await tx.query<{ generation: number }>(sql('lock_job_of_delivery'), [deliveryId]);
  const [delivery] = await tx.query<LockedDelivery>(sql('lock_delivery'), [deliveryId]);
  if (delivery === undefined) return { kind: 'unknown' };
  const { client } = delivery;
  if (delivery.kind === 'status') return { kind: 'is_status', client };
  if (delivery.state === 'dropped') return { kind: 'dropped', client };
  const isOfOldContent = job !== undefined && job.generation !== delivery.generation;
  if (isOfOldContent || delivery.hasNewerOutcome) return { kind: 'superseded', client };
  if (delivery.isUnderWay) return { kind: 'under_way', client };
  await tx.query(sql('send_delivery_again'), [deliveryId]);
  return { kind: 'sent_again', client };
}

/** Deliveries of one client that were not taken. */
export type NotTaken = { client: string; states: readonly ('refused' | 'given_up')[] };

/** How many {@link sendDeliveriesAgain} would have sent at this moment. */
export async function countDeliveriesToSendAgain(db: Queries, which: NotTaken): Promise<number> {
  const [counted] = await db.query<{ count: number }>(sql('count_deliveries_to_send_again'), [
    which.client,
    which.states,
    SENT_AGAIN_MAX,
  ]);
  return counted?.count ?? 0;
}

/**
 * Has all results and images' outcomes of a client sent again that were not taken; at most {@link SENT_AGAIN_MAX}, the
 * oldest first.
 *
 * The caller tells the servers ({@link notifyDeliveries}) afterwards.
 *
 * @returns how many are pending now
 */
export async function sendDeliveriesAgain(tx: Queries, which: NotTaken): Promise<number> {
  const again = await tx.query(sql('send_deliveries_again'), [which.client, which.states, SENT_AGAIN_MAX]);
  return again.length;
}
