import { backoff } from './backoff.ts';
import { sleep } from './sleep.ts';
import { type ProcessSpec, type RunningProcess, startProcess } from './start-process.ts';

/** A process that is started again when it dies. */
export interface KeptProcess {
  /** Where it listened first, and listens still. */
  readonly address: string;
  /** Stops it for good, as {@link RunningProcess.stop} does. */
  stop(patienceMs: number, hurried: AbortSignal): Promise<void>;
}

/** What keeping a process needs. */
export interface KeepDeps {
  readonly say: (line: string) => void;
  /** Called with each process that runs under this name from now on. What it throws is said, and hinders nothing. */
  readonly onStarted: (name: string, pid: number) => Promise<void>;
}

const RESTART = { baseMs: 1_000, maxMs: 30_000, jitter: 0.2 };
/** One that ran for so long has not failed at its start: the next pause is short again. */
const LONG_RUN_MS = 60_000;
const STRAY_PATIENCE_MS = 5_000;

/**
 * Starts a process and keeps it up: one that dies is started again, after a pause that grows while it keeps dying.
 *
 * @param specOf what to start, given the address of its first run ('' before that), so that it comes back where it was
 * @returns when the first one is ready
 * @throws what {@link startProcess} throws for the first one
 */
export async function keepRunning(
  specOf: (address: string) => ProcessSpec,
  deps: KeepDeps,
  signal: AbortSignal,
): Promise<KeptProcess> {
  const stopping = new AbortController();
  const first = specOf('');
  let current: RunningProcess | null = await startProcess(first, signal);
  const { address } = current;
  const note = async (pid: number): Promise<void> => {
    try {
      await deps.onStarted(first.name, pid);
    } catch (error) {
      // A disk that is full for a while, perhaps: no reason to end what runs.
      const reason = error instanceof Error ? error.message : String(error);
      deps.say(`${first.name} runs, but this could not be written down: ${reason}`);
    }
  };
  await note(current.pid);

  const keep = async (): Promise<void> => {
    for (let failures = 0; ; ) {
      const began = performance.now();
      const how = (await current?.ended) ?? 'no start';
      if (stopping.signal.aborted) return;
      current = null;
      failures = performance.now() - began > LONG_RUN_MS ? 1 : failures + 1;
      const pauseMs = backoff(failures, RESTART);
      deps.say(`${first.name} has ended (${how}); starting it again in ${(pauseMs / 1000).toFixed(1)} s`);
      await sleep(pauseMs, stopping.signal);
      if (stopping.signal.aborted) return;
      current = await startProcess(specOf(address), stopping.signal).catch((error) => {
        if (!stopping.signal.aborted) deps.say(error instanceof Error ? error.message : String(error));
        return null;
      });
      if (current === null) continue;
      // It may have become ready in the very moment in which stop() found none to stop.
      if (stopping.signal.aborted) await current.stop(STRAY_PATIENCE_MS, AbortSignal.abort());
      else await note(current.pid);
    }
  };
  const keeping = keep();
  return {
    address,
    async stop(patienceMs, hurried) {
      stopping.abort();
      await current?.stop(patienceMs, hurried);
      await keeping;
    },
  };
}
