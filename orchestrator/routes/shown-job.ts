import type { JobRow, ListedDelivery, ListedResult, StoredTimings } from '@orca/database';
import { type JobState, statusSentence } from '@orca/protocol';
import { shownDelivery } from './shown-delivery.ts';

/** All that is known of a job, each part looked up by itself. */
export type JobFacts = {
  job: JobRow;
  /** Where it waits; `null` when it does not. */
  place: { releaseAt: Date; notBefore: Date | null } | null;
  state: JobState;
  results: readonly ListedResult[];
  deliveries: readonly ListedDelivery[];
};

const GENERATIONS_SHOWN_MAX = 20;

/** A job as `GET /jobs/:jobID` shows it: pure. Neither its `key` nor any URL. */
export function shownJob({ job, place, state, results, deliveries }: JobFacts) {
  const result = results.find(({ generation }) => generation === job.generation) ?? null;
  return {
    id: job.jobId,
    client: job.client,
    state: job.state,
    status: statusSentence(state),
    outcome: job.outcome,
    generation: job.generation,
    generations: shownGenerations(job, results),
    collation: job.collation,
    metadata_table: job.metadata,
    grader_image_sha: job.imageSha,
    is_immediate: job.isImmediate,
    arrived_at: job.arrivedAt,
    release_at: place?.releaseAt ?? job.releaseAt ?? releasedAt(job, result),
    not_before: place?.notBefore ?? null,
    claimed_at: job.claimedAt,
    finished_at: job.finishedAt,
    position: state.kind === 'waiting' && state.releasedInSeconds === 0 ? state.ahead + 1 : null,
    worker_id: job.workerId,
    container: job.container,
    phase: phaseOf(job),
    timings: result?.timings ? withUnpack(result.timings) : timingsUntilNow(job, place),
    faults: job.faults,
    last_fault: job.lastFault,
    deliveries: deliveries.map(shownDelivery),
  };
}

/** A finished job has no place any more, but how long it queued for. */
function releasedAt({ claimedAt }: JobRow, result: ListedResult | null): Date | null {
  if (claimedAt === null || !result?.timings) return null;
  return new Date(claimedAt.getTime() - result.timings.queued_ms);
}

function phaseOf({ state, container }: JobRow): 'held' | 'waiting' | 'fetching' | 'running' | 'finished' {
  if (state !== 'grading') return state;
  return container === null ? 'fetching' : 'running';
}

/** Results of older workers have the unpacking in `files_ms`. */
function withUnpack(timings: StoredTimings) {
  return { ...timings, unpack_ms: timings.unpack_ms ?? null };
}

/**
 * Of a job whose run has not ended: how long it queues or queued, and how long it takes altogether until now. As of a run
 * that has, from its release or its arrival: the place that serves a job may be older than itself.
 */
function timingsUntilNow(job: JobRow, place: JobFacts['place']) {
  const { state, arrivedAt, releaseAt, claimedAt, now } = job;
  const msSince = (fromMs: number, to: Date): number => Math.max(0, to.getTime() - fromMs);
  const none = { image_ms: null, files_ms: null, container_ms: null, unpack_ms: null, commands_ms: null };
  const released = place?.releaseAt ?? releaseAt;
  if (released === null || state === 'finished') return { queued_ms: null, ...none, total_ms: null };
  const fromMs = Math.max(released.getTime(), arrivedAt.getTime());
  const queuedUntil = state === 'grading' ? (claimedAt ?? now) : now;
  return { queued_ms: msSince(fromMs, queuedUntil), ...none, total_ms: msSince(fromMs, now) };
}

/** What each of the last generations ended in: a result, or a newer content. */
function shownGenerations({ generation: last }: JobRow, results: readonly ListedResult[]) {
  const first = Math.max(1, last - GENERATIONS_SHOWN_MAX + 1);
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const generation = last - index;
    const result = results.find((one) => one.generation === generation);
    return {
      generation,
      outcome: result?.outcome ?? (generation === last ? 'open' : 'superseded'),
      grading_id: result?.gradingId ?? null,
      made_at: result?.madeAt ?? null,
    };
  });
}
