import type { Folders } from '@orca/protocol';
import type { Conversed } from './converse.ts';
import type { SandboxEnding, SandboxReport } from './sandbox.ts';

/** What became of a job whose harness was never started. */
export function nothingSaid(ending: SandboxEnding): Conversed {
  return { steps: [], ending, readyAt: null, hasPlan: false, filesReadyAt: null, hasLastWord: false };
}

/**
 * The report of what a harness said: pure but for the clock. Whatever it did not get to took no time.
 *
 * @param startedAt a moment of `performance.now()`
 */
export function reportOf(
  { steps, ending, readyAt, filesReadyAt }: Conversed,
  folders: Folders,
  startedAt: number,
): SandboxReport {
  const endedAt = performance.now();
  const ready = readyAt ?? endedAt;
  const filesReady = filesReadyAt ?? endedAt;
  return {
    steps,
    ending,
    folders,
    timings: {
      containerMs: ready - startedAt,
      unpackMs: filesReady - ready,
      commandsMs: endedAt - filesReady,
    },
  };
}
