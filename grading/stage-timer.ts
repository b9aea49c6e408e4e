import type { Timings } from '@orca/protocol';

/** Measures the stages of one run. */
export interface StageTimer {
  /** Adds the time until a promise ends to a stage. */
  measure<T>(stage: 'image_ms' | 'files_ms', work: Promise<T>): Promise<T>;
  /** Adds what the sandbox measured itself, in milliseconds. */
  add(measured: {
    readonly containerMs: number;
    readonly unpackMs: number;
    readonly commandsMs: number;
  }): void;
  /** All stages so far, in whole milliseconds; `total_ms` runs from the release of the job to now. */
  timings(): Timings;
}

/**
 * Starts to measure a run.
 *
 * @param queuedMs from the job's release to its claim
 */
export function startTimer(queuedMs: number, now: () => number = () => performance.now()): StageTimer {
  const startedAt = now();
  const spent = {
    queued_ms: queuedMs,
    image_ms: 0,
    files_ms: 0,
    container_ms: 0,
    unpack_ms: 0,
    commands_ms: 0,
  };
  return {
    async measure(stage, work) {
      const before = now();
      try {
        return await work;
      } finally {
        spent[stage] += now() - before;
      }
    },
    add({ containerMs, unpackMs, commandsMs }) {
      spent.container_ms += containerMs;
      spent.unpack_ms += unpackMs;
      spent.commands_ms += commandsMs;
    },
    timings() {
      return {
        queued_ms: Math.round(spent.queued_ms),
        image_ms: Math.round(spent.image_ms),
        files_ms: Math.round(spent.files_ms),
        container_ms: Math.round(spent.container_ms),
        unpack_ms: Math.round(spent.unpack_ms),
        commands_ms: Math.round(spent.commands_ms),
        total_ms: Math.round(queuedMs + now() - startedAt),
      };
    },
  };
}
