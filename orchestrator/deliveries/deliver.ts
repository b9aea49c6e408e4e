import type { Gate, Logger } from '@orca/daemon';
import {
  type ClaimedDelivery,
  type Database,
  type DeliveryAttempt,
  recordDeliveryAttempt,
} from '@orca/database';
import { type Outbound, type PostOutcome, postJson, signWebhook } from '@orca/outbound';
import { type Judgement, judgeAnswer } from './judge-answer.ts';

const SECOND_MS = 1_000;
/** Time limits of one POST, in milliseconds. */
export const POST_CONNECT_MS = 5_000;
export const POST_TOTAL_MS = 15_000;

/** A result is tried so often, over about three days. */
export const RESULT_ATTEMPTS_MAX = 10;
/** A status is best effort: it tells little when it comes late. */
export const STATUS_ATTEMPTS_MAX = 2;

const LOG_MESSAGES = {
  delivered: 'delivered',
  refused: 'delivery refused by the client',
  retry: 'delivery is tried again',
  given_up: 'delivery given up',
} as const satisfies Record<Judgement['kind'], string>;

/** A try that was recorded. */
export type Tried = Pick<ClaimedDelivery, 'kind' | 'jobId' | 'webhookId' | 'attempt' | 'body'> & {
  outcome: Judgement['kind'];
  statusCode: number | null;
  durationMs: number;
};

/** What a delivery needs. */
export type DeliverDeps = {
  db: Database;
  outbound: Outbound;
  log: Logger;
  /** Passed when a POST has been answered, and when that is recorded. */
  gate?: Gate;
  /** Told of every try that was recorded. */
  onTry?: (tried: Tried) => void;
};

/**
 * POSTs a delivery once, signed, and judges the answer. Writes nothing: see {@link recordTry}.
 *
 * A POST that is called off counts as a try whose outcome is unclear: the client may have read it.
 */
export async function postDelivery(
  delivery: ClaimedDelivery,
  deps: DeliverDeps,
  signal: AbortSignal,
): Promise<DeliveryAttempt> {
  const { deliveryId, leaseToken, webhookId: id, body, url, attempt, hadUnclearAttempt, secrets } = delivery;
  // Of the database's clock: clients refuse what is signed at a wrong time, and this machine's may be wrong.
  const timestampSeconds = Math.floor(delivery.claimedAt.getTime() / SECOND_MS);
  const headers = {
    ...signWebhook({ id, timestampSeconds, body, secrets }),
    'orca-attempt': String(attempt),
  };
  const startedAt = performance.now();
  const post = { url, body, headers, connectMs: POST_CONNECT_MS, totalMs: POST_TOTAL_MS };
  const outcome = await postOrStop(deps.outbound, post, signal);
  const attemptsMax = delivery.kind === 'status' ? STATUS_ATTEMPTS_MAX : RESULT_ATTEMPTS_MAX;
  return {
    deliveryId,
    leaseToken,
    outcome: judgeAnswer({ outcome, attempt, attemptsMax, hadUnclearAttempt }),
    statusCode: outcome.kind === 'answered' ? outcome.status : null,
    durationMs: Math.round(performance.now() - startedAt),
    answerStart: outcome.kind === 'answered' ? outcome.answerStart : '',
    error: errorOf(outcome),
  };
}

/** Records a try and logs it: one line, without URL and key. */
export async function recordTry(
  delivery: ClaimedDelivery,
  tried: DeliveryAttempt,
  deps: DeliverDeps,
): Promise<void> {
  deps.gate?.('post_sent');
  const isRecorded = await recordDeliveryAttempt(deps.db, tried);
  deps.gate?.('post_recorded');
  const { deliveryId, jobId, kind, client, attempt, webhookId, body } = delivery;
  const { statusCode, durationMs, error, outcome } = tried;
  const facts = { deliveryId, jobId, kind, client, attempt, statusCode, durationMs, error };
  if (!isRecorded) return void deps.log.warn(facts, 'delivery was taken over by another server meanwhile');
  deps.onTry?.({ kind, jobId, webhookId, attempt, body, outcome: outcome.kind, statusCode, durationMs });
  deps.log[outcome.kind === 'given_up' ? 'warn' : 'info'](facts, LOG_MESSAGES[outcome.kind]);
}

async function postOrStop(
  outbound: Outbound,
  post: Parameters<typeof postJson>[1],
  signal: AbortSignal,
): Promise<PostOutcome> {
  try {
    return await postJson(outbound, post, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    return { kind: 'unanswered', sentence: 'Orca was being stopped' };
  }
}

/** What staff read beside the status; for a redirect that is not followed, where it led to. */
function errorOf(outcome: PostOutcome): string | null {
  if (outcome.kind !== 'answered') return outcome.sentence;
  return outcome.location === null ? null : `redirect to ${outcome.location}`;
}
