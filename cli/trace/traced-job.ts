import { fieldOf, numberOf, textOf } from '../json-fields.ts';

/** What the answer about a job says of its time. Its texts are untrusted; its times are Unix times in milliseconds. */
export interface TracedJob {
  readonly state: string;
  readonly outcome: string | null;
  /** Where a run is that has not ended: `fetching`, `running`. */
  readonly phase: string | null;
  readonly began: number;
  /** `null` where it is not known any more. */
  readonly released: number | null;
  /** When its last run began; `null` where none did. */
  readonly claimed: number | null;
  readonly finished: number | null;
  /** Its end, or now. */
  readonly until: number;
  /** Whether its run came to an end, and says what it took. */
  readonly hasPhases: boolean;
  readonly faults: number;
  readonly lastFault: string | null;
  /** When it is tried again, in ISO form. */
  readonly notBefore: string | null;
}

/**
 * Reads an answer to `GET /jobs/:id`: pure.
 *
 * @param nowMs Unix time by the clock of this machine
 * @returns `null` when it is no job
 */
export function readTracedJob(job: unknown, nowMs: number): TracedJob | null {
  const began = timeOf(job, 'arrived_at');
  if (began === null) return null;
  const released = timeOf(job, 'release_at');
  const finished = timeOf(job, 'finished_at');
  const timings = fieldOf(job, 'timings');
  return {
    ...{ began, released, finished, claimed: timeOf(job, 'claimed_at') },
    state: textOf(job, 'state') ?? '',
    outcome: textOf(job, 'outcome'),
    phase: textOf(job, 'phase'),
    until: finished ?? nowOf(began, released, numberOf(timings, 'total_ms'), nowMs),
    hasPhases: numberOf(timings, 'image_ms') !== null,
    faults: numberOf(job, 'faults') ?? 0,
    lastFault: textOf(job, 'last_fault'),
    notBefore: textOf(job, 'not_before'),
  };
}

/** A time of an answer, as Unix time in milliseconds; `null` where there is none. */
export function timeOf(value: unknown, name: string): number | null {
  const ms = Date.parse(textOf(value, name) ?? '');
  return Number.isNaN(ms) ? null : ms;
}

/**
 * The database's now, which the answer tells by how long ago the release was. Before the release it does not: then it is
 * this machine's, which may be wrong, but cannot be after the release.
 */
function nowOf(began: number, released: number | null, sinceReleaseMs: number | null, nowMs: number): number {
  if (released === null) return Math.max(began, nowMs);
  const from = Math.max(began, released);
  if (sinceReleaseMs !== null && sinceReleaseMs > 0) return from + sinceReleaseMs;
  return Math.max(began, Math.min(from, nowMs));
}
