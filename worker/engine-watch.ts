import type { Logger } from '@orca/daemon';
import { EngineError } from '@orca/docker';
import { createWakeUp } from './wake-up.ts';

const PROBE_WELL_MS = 10_000;
const PROBE_ILL_MS = 1_000;

/**
 * Knows whether the engine answers.
 *
 * | state | begins | ends |
 * | --- | --- | --- |
 * | well | at the start; when a probe is answered | a probe fails, or a run reports that the engine did not answer |
 * | ill | then: no more claims, one line in the log | a probe is answered |
 */
export interface EngineWatch {
  readonly isWell: boolean;
  /** Waits until the engine is well, or the signal aborts. */
  untilWell(signal: AbortSignal): Promise<void>;
  /** Tells of an error; one that says that the engine does not answer makes it ill at once. */
  report(error: unknown): void;
}

/** Codes that speak of the engine as a whole, and not of one refused call. */
const ILL_CODES: readonly string[] = ['engine_unreachable', 'engine_timeout', 'engine_too_old'];

function isIllness(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (error instanceof EngineError && ILL_CODES.includes(error.code)) || isIllness(error.cause);
}

/**
 * Watches the engine: probes it every 10 s, and every second while it does not answer.
 *
 * @param probe asks the engine something small; throws when it does not answer
 * @param signal ends the watching
 */
export function watchEngine(
  probe: (signal: AbortSignal) => Promise<unknown>,
  { log }: { readonly log: Logger },
  signal: AbortSignal,
): EngineWatch {
  let isWell = true;
  const changed = createWakeUp();
  const recovered = createWakeUp();
  const become = (well: boolean, err?: unknown): void => {
    if (well === isWell) return;
    isWell = well;
    if (well) log.info('the engine answers again');
    else log.error({ err }, 'the engine does not answer: no more jobs are claimed until it does');
    (well ? recovered : changed).wake();
  };
  let illnesses = 0;
  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      const illnessesBefore = illnesses;
      await probe(signal).then(
        // An answer to a question that was asked before the engine fell ill says nothing.
        () => illnesses === illnessesBefore && become(true),
        (err: unknown) => signal.aborted || become(false, err),
      );
      await changed.wait(isWell ? PROBE_WELL_MS : PROBE_ILL_MS, signal);
    }
  };
  void watch();
  return {
    get isWell() {
      return isWell;
    },
    async untilWell(stop) {
      while (!isWell && !stop.aborted) await recovered.wait(PROBE_WELL_MS, stop);
    },
    report(error) {
      if (!isIllness(error)) return;
      illnesses += 1;
      become(false, error);
    },
  };
}
