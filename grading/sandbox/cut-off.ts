import type { RunningHarness } from './running-harness.ts';

/** Why the worker ended a container itself. */
export type CutOff =
  /** The signal aborted. */
  | 'stopped'
  /** The harness did not say in time that it has its plan. */
  | 'silent'
  /** The job's time is over, and the harness did not end it. */
  | 'deadline'
  /** It said what it may not, or does not take its files. */
  | 'broken';

/** The hand on the switch of a container. */
export interface CutOffSwitch extends Disposable {
  /** Ends the container; only the first reason counts. */
  cut(reason: CutOff): void;
  /** Sets the clock anew. */
  expectWithin(ms: number, reason: CutOff): void;
  /** @returns why it was cut off, `null` when it was not */
  why(): CutOff | null;
  /** Resolves when a container that was cut off is dead, or the engine could not be brought to kill it. */
  done(): Promise<void>;
}

/**
 * Watches over a container's time, from outside, whatever goes on in it.
 *
 * @param signal ends it as well
 */
export function watchOver(container: Pick<RunningHarness, 'kill'>, signal: AbortSignal): CutOffSwitch {
  let why: CutOff | null = null;
  let killing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const cut = (reason: CutOff): void => {
    if (why !== null) return;
    why = reason;
    // Removing it, which comes next, kills it again.
    killing = container.kill().catch(() => undefined);
  };
  const stop = (): void => cut('stopped');
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  return {
    cut,
    expectWithin(ms, reason) {
      clearTimeout(timer);
      timer = setTimeout(cut, ms, reason);
    },
    why: () => why,
    done: () => killing,
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    },
  };
}
