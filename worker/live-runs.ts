import type { ClaimedJob } from '@orca/database';

/**
 * Why a run is stopped before its end.
 *
 * - `lost`: the lease is another's, the job was superseded or cancelled: nothing may be written
 * - `shutdown`: this worker stops: the job is handed back, without counting
 * - `overdue`: it has taken longer than the job's limits allow for: our fault, handed back
 */
export type StopReason = 'lost' | 'shutdown' | 'overdue';

/** A job while this worker grades it. */
export interface LiveRun extends Disposable {
  readonly job: ClaimedJob;
  /** Aborts when the run has to stop. */
  readonly signal: AbortSignal;
  readonly stopReason: StopReason | null;
  /** The container that serves it, once there is one. */
  readonly container: string | null;
  noteContainer(name: string): void;
  /** Stops it; only the first reason counts. */
  stop(reason: StopReason): void;
}

/** The runs of this worker. */
export interface LiveRuns {
  /** Adds a run, until it is disposed of. */
  open(job: ClaimedJob): LiveRun;
  /** The runs of now. */
  list(): LiveRun[];
}

/** Makes an empty list of runs. */
export function createLiveRuns(): LiveRuns {
  const runs = new Set<LiveRun>();
  return {
    open(job) {
      const run = createRun(job, () => runs.delete(run));
      runs.add(run);
      return run;
    },
    list: () => [...runs],
  };
}

function createRun(job: ClaimedJob, close: () => void): LiveRun {
  const controller = new AbortController();
  let stopReason: StopReason | null = null;
  let container: string | null = null;
  return {
    job,
    signal: controller.signal,
    get stopReason() {
      return stopReason;
    },
    get container() {
      return container;
    },
    noteContainer(name) {
      container = name;
    },
    stop(reason) {
      stopReason ??= reason;
      controller.abort();
    },
    [Symbol.dispose]: close,
  };
}
