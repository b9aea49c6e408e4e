import type { Graded, Grading, JobToGrade, RunEvent, RunFacts } from '@orca/grading';
import { waitFor } from './wait-for.ts';

/** What a run took that was none. */
export const FACTS: RunFacts = {
  timings: {
    queued_ms: 1,
    image_ms: 2,
    files_ms: 3,
    container_ms: 4,
    unpack_ms: 0,
    commands_ms: 5,
    total_ms: 15,
  },
  files: { fetched: 1, cached: 0 },
};

/** One call of `grade`, waiting for the test to end it. */
export interface FakeRun {
  readonly job: JobToGrade;
  readonly signal: AbortSignal;
  /** Something happens in its sandbox. */
  say(event: RunEvent): void;
  /** Ends it with a result, a fault, … */
  end(graded: Graded): void;
  /** Ends it with a result like a real one. */
  finish(): void;
}

/** Grading of which the test decides how it goes. A run whose signal aborts is stopped, as a real one would be. */
export interface FakeGrading extends Pick<Grading, 'grade'> {
  /** All runs so far, in the order in which they began. */
  readonly runs: readonly FakeRun[];
  /** Waits for the n-th run, from 0. */
  run(index: number): Promise<FakeRun>;
}

/** Makes grading without an engine. */
export function createFakeGrading(): FakeGrading {
  const runs: FakeRun[] = [];
  return {
    runs,
    run: (index) => waitFor(`run ${index}`, () => runs[index]),
    grade(job, onEvent, signal) {
      const ended = Promise.withResolvers<Graded>();
      signal.addEventListener('abort', () => ended.resolve({ kind: 'stopped' }));
      const body = JSON.stringify({ key: job.key, grading_id: job.gradingId });
      runs.push({
        job,
        signal,
        say: onEvent,
        end: ended.resolve,
        finish: () => ended.resolve({ kind: 'result', outcome: 'graded', body, ...FACTS }),
      });
      return ended.promise;
    },
  };
}
