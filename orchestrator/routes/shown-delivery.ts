import type { ListedAttempt, ListedDelivery } from '@orca/database';

/** A delivery as answers show it. */
export function shownDelivery(delivery: ListedDelivery) {
  const { triedAt, statusCode, error } = delivery;
  return {
    id: delivery.deliveryId,
    kind: delivery.kind,
    client: delivery.client,
    job_id: delivery.jobId,
    generation: delivery.generation,
    location: delivery.location,
    image_sha: delivery.imageSha,
    webhook_id: delivery.webhookId,
    state: delivery.state,
    is_under_way: delivery.isUnderWay,
    sent_again: delivery.round - 1,
    attempts: delivery.attempts,
    created_at: delivery.createdAt,
    ended_at: delivery.endedAt,
    next_try_at: delivery.nextTryAt,
    last_try: triedAt === null ? null : { at: triedAt, status_code: statusCode, error },
  };
}

/** One try as answers show it. */
export function shownTry(attempt: ListedAttempt) {
  return {
    round: attempt.round,
    attempt: attempt.attempt,
    ended_at: attempt.endedAt,
    outcome: attempt.outcome,
    status_code: attempt.statusCode,
    duration_ms: attempt.durationMs,
    answer_start: attempt.answerStart,
    error: attempt.error,
  };
}
