import type { Logger } from '@orca/daemon';
import { createWakeUp } from './wake-up.ts';

const PROBE_WELL_MS = 10_000;
const PROBE_ILL_MS = 1_000;

/** Something that a worker needs for every job, that can fail and come back. */
export interface Need {
  /** `engine`; for logs and the list of workers. */
  readonly name: string;
  /** What is true while it fails, for staff: `the engine does not answer`. */
  readonly trouble: string;
  /**
   * Asks for something small of it.
   *
   * @throws what is wrong
   */
  probe(signal: AbortSignal): Promise<unknown>;
  /** Whether an error that a run met, without its causes, says that this fails as a whole. */
  isToldBy(error: Error): boolean;
  /** Whether an error that a run met, without its causes, may come from this: it is probed at once, then. */
  isDoubtedBy?(error: Error): boolean;
  /** Makes room, or the like; called once when it begins to fail, and its own failure is no more than logged. */
  relieve?(): Promise<unknown>;
}

/**
 * Knows whether a worker can work.
 *
 * | a need is | begins | ends |
 * | --- | --- | --- |
 * | well | at the start; when a probe succeeds | a probe fails, or a run reports an error that tells of it |
 * | ill | then: no more claims, one line in the log | a probe succeeds |
 */
export interface Fitness {
  /** Each need by its name: what is wrong with it now, `null` when nothing is. */
  readonly needs: Readonly<Record<string, string | null>>;
  /** What is wrong now; nothing when the worker can work. */
  readonly troubles: readonly string[];
  /** Waits until nothing is wrong, or the signal aborts. */
  untilFit(signal: AbortSignal): Promise<void>;
  /** Tells of an error that a run met; the need that it speaks of is ill at once. */
  report(error: unknown): void;
}

/**
 * Watches what a worker needs: probes each every 10 s, and every second while it fails.
 *
 * @param signal ends the watching
 */
export function watchFitness(
  needs: readonly Need[],
  { log }: { readonly log: Logger },
  signal: AbortSignal,
): Fitness {
  const recovered = createWakeUp();
  const watches = needs.map((need) => watchNeed(need, { log, onRecovery: () => recovered.wake() }, signal));
  const troubles = (): string[] =>
    watches.filter(({ isWell }) => !isWell).map(({ need: { trouble } }) => trouble);
  return {
    get needs() {
      return Object.fromEntries(watches.map(({ need, isWell }) => [need.name, isWell ? null : need.trouble]));
    },
    get troubles() {
      return troubles();
    },
    async untilFit(stop) {
      while (troubles().length > 0 && !stop.aborted) await recovered.wait(PROBE_WELL_MS, stop);
    },
    report(error) {
      for (const watch of watches) {
        const { need } = watch;
        const isDoubted = anyCause(error, (cause) => need.isDoubtedBy?.(cause) ?? false);
        if (anyCause(error, (cause) => need.isToldBy(cause))) watch.fallIll(error);
        else if (isDoubted) watch.doubt();
      }
    },
  };
}

/** What hinders is often the cause of what failed. */
function anyCause(error: unknown, holds: (cause: Error) => boolean): boolean {
  return error instanceof Error && (holds(error) || anyCause(error.cause, holds));
}

interface NeedWatch {
  readonly need: Need;
  readonly isWell: boolean;
  fallIll(error: unknown): void;
  /** Has it probed at once. */
  doubt(): void;
}

function watchNeed(
  need: Need,
  { log, onRecovery }: { readonly log: Logger; readonly onRecovery: () => void },
  signal: AbortSignal,
): NeedWatch {
  let isWell = true;
  let illnesses = 0;
  const changed = createWakeUp();
  const become = (well: boolean, err?: unknown): void => {
    if (well === isWell) return;
    isWell = well;
    const facts = { need: need.name, trouble: need.trouble };
    if (well) {
      log.info({ need: need.name }, 'works again: jobs are claimed');
      onRecovery();
      return;
    }
    log.error(
      { ...facts, err },
      'something that every job needs fails: no more jobs are claimed until it works',
    );
    changed.wake();
    need
      .relieve?.()
      .catch((reason: unknown) => log.warn({ ...facts, err: reason }, 'no relief could be had'));
  };
  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      const illnessesBefore = illnesses;
      await need.probe(signal).then(
        // An answer to a question that was asked before it fell ill says nothing.
        () => illnesses === illnessesBefore && become(true),
        (err: unknown) => signal.aborted || become(false, err),
      );
      await changed.wait(isWell ? PROBE_WELL_MS : PROBE_ILL_MS, signal);
    }
  };
  void watch();
  return {
    need,
    get isWell() {
      return isWell;
    },
    fallIll(error) {
      illnesses += 1;
      become(false, error);
    },
    doubt: () => changed.wake(),
  };
}
