import type { Metrics } from '@orca/daemon';
import type { Graded, ImageEvent } from '@orca/grading';
import type { Fitness } from './fitness.ts';
import type { StopReason } from './live-runs.ts';
import type { Slots } from './slots.ts';

const SECOND_MS = 1_000;

/** What the alerts OrcaRunsFailByOurFault and OrcaRunsArePutOff look at. */
const LOOKED_AT = [{ end: 'fault' }, { end: 'overdue' }, { end: 'not_now' }] as const;

/** What a worker counts as it goes. */
export interface WorkerMetrics {
  /** A run has ended, and why it was stopped if it was. */
  noteRun(graded: Graded, stopReason: StopReason | null): void;
  noteImage(event: ImageEvent): void;
  /** A job got a container, which had waited for it or was made for it. */
  noteContainer(startedAhead: boolean): void;
}

/** Where a worker's gauges are read. */
export interface WorkerState {
  readonly slots: Pick<Slots, 'taken'>;
  readonly slotsMax: number;
  readonly fitness: Pick<Fitness, 'troubles'>;
}

/** Declares what a worker counts. */
export function workerMetrics(metrics: Metrics): WorkerMetrics {
  const countRun = metrics.counter(
    'orca_runs_total',
    'Runs of jobs by how they ended: graded or failed (a result), fault (ours), not_now, image_gone, lost, shutdown, overdue.',
    ['end'],
    LOOKED_AT,
  );
  const notePhase = metrics.histogram(
    'orca_job_phase_seconds',
    'Time of each phase of a job that got a result.',
    ['phase'],
  );
  const countFiles = metrics.counter(
    'orca_files_total',
    "Files of jobs, by whether a kept copy was still the client's.",
    ['source'],
  );
  const countImage = metrics.counter('orca_image_downloads_total', 'Downloads of grader images.', [
    'outcome',
  ]);
  const countContainer = metrics.counter(
    'orca_containers_total',
    'Containers of jobs, by whether they were started ahead or only for their job.',
    ['started'],
  );
  const countLost = metrics.counter(
    'orca_leases_lost_total',
    'Runs that lost their lease: taken over, superseded or cancelled.',
  );
  return {
    noteRun(graded, stopReason) {
      countRun({ end: endOf(graded, stopReason) });
      if (graded.kind === 'stopped' && stopReason === 'lost') countLost({});
      if (graded.kind !== 'result') return;
      for (const [phase, ms] of Object.entries(graded.timings))
        notePhase({ phase: phase.replace(/_ms$/, '') }, ms / SECOND_MS);
      countFiles({ source: 'client' }, graded.files.fetched);
      countFiles({ source: 'cache' }, graded.files.cached);
    },
    noteImage({ kind }) {
      if (kind === 'loaded' || kind === 'failed') countImage({ outcome: kind });
    },
    noteContainer: (startedAhead) => countContainer({ started: startedAhead ? 'ahead' : 'for_job' }),
  };
}

/** Declares what is read of a worker when it is asked for. */
export function workerGauges(metrics: Metrics, state: WorkerState): void {
  metrics.gauge(
    'orca_worker_slots',
    'Jobs that this worker grades at once, by whether one runs.',
    ['state'],
    () => [
      { labels: { state: 'busy' }, value: state.slots.taken },
      { labels: { state: 'free' }, value: state.slotsMax - state.slots.taken },
    ],
  );
  metrics.gauge('orca_worker_able', '1 while this worker can work, 0 while it claims nothing.', [], () => [
    { labels: {}, value: state.fitness.troubles.length === 0 ? 1 : 0 },
  ]);
}

function endOf(graded: Graded, stopReason: StopReason | null): string {
  switch (graded.kind) {
    case 'result':
      return graded.outcome;
    case 'fault':
    case 'not_now':
    case 'image_gone':
      return graded.kind;
    case 'stopped':
      return stopReason ?? 'stopped';
    default:
      return graded satisfies never;
  }
}
