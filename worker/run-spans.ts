import type { Span } from '@orca/daemon';
import type { RunFacts } from '@orca/grading';

/** A run whose result has been stored, for those who watch where time goes. Times are Unix times in milliseconds. */
export interface StoredRun {
  /** The `webhook-id` of its result, which the spans of its delivery have, too. */
  readonly gradingId: string;
  readonly jobId: number;
  readonly generation: number;
  readonly outcome: 'graded' | 'failed';
  readonly claimedAtMs: number;
  readonly storedAtMs: number;
  readonly timings: RunFacts['timings'];
  readonly commands: readonly RunCommand[];
}

/** A command that has run. Neither its text nor its output: a collector is elsewhere. */
export interface RunCommand {
  /** Its index in the flattened script. */
  readonly step: number;
  readonly status: number | null;
  readonly wallMs: number;
  readonly endedAtMs: number;
}

const PHASES = ['image', 'files', 'container', 'unpack', 'commands'] as const;

/**
 * The spans of a run: the job from its release, its phases one after the other as they were measured, each command by itself,
 * and the rest until it was stored. Pure.
 */
export function spansOfRun(run: StoredRun): Span[] {
  const { gradingId: trace, claimedAtMs, storedAtMs, timings } = run;
  const part = (name: string, fromMs: number, toMs: number, attributes: Span['attributes'] = {}): Span => ({
    ...{ trace, name, fromMs, toMs, attributes },
  });
  const releasedAtMs = claimedAtMs - timings.queued_ms;
  const facts = {
    'orca.job_id': run.jobId,
    'orca.generation': run.generation,
    'orca.outcome': run.outcome,
  };
  const spans = [
    { ...part('job', releasedAtMs, storedAtMs, facts), isRoot: true as const },
    part('queued', releasedAtMs, claimedAtMs),
  ];
  let at = claimedAtMs;
  for (const phase of PHASES) {
    spans.push(part(phase, at, at + timings[`${phase}_ms`]));
    at += timings[`${phase}_ms`];
  }
  for (const { step, status, wallMs, endedAtMs } of run.commands)
    spans.push(
      part('command', endedAtMs - wallMs, endedAtMs, {
        'orca.step': step,
        ...(status === null ? { 'orca.timed_out': true } : { 'orca.status': status }),
      }),
    );
  spans.push(part('stored', Math.min(at, storedAtMs), storedAtMs));
  return spans;
}
