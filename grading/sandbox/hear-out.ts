import type { Folders } from '@orca/protocol';
import type { HarnessEnding } from '@orca/protocol/sandbox-plan';
import type { HarnessEvent } from './read-events.ts';
import type { SandboxEvent, StepReport } from './sandbox.ts';
import { shrinkOutput } from './shrink-output.ts';
import type { RunningStep } from './step-recorder.ts';

/** What a harness has said until now. Times are moments of `performance.now()`. */
export interface Heard {
  steps: StepReport[];
  /** The command that runs. */
  running: RunningStep | null;
  readyAt: number | null;
  hasPlan: boolean;
  filesReadyAt: number | null;
  /** Its last word. */
  ending: HarnessEnding | null;
}

/** Nothing yet. */
export function nothingHeard(): Heard {
  return { steps: [], running: null, readyAt: null, hasPlan: false, filesReadyAt: null, ending: null };
}

/** Takes one event down, and passes on what others want to see. */
export function takeDown(
  heard: Heard,
  event: HarnessEvent,
  { folders, onEvent }: { readonly folders: Folders; readonly onEvent: (event: SandboxEvent) => void },
): void {
  switch (event.kind) {
    case 'ready':
      heard.readyAt = performance.now();
      break;
    case 'plan_read':
      heard.hasPlan = true;
      break;
    case 'files_ready':
      heard.filesReadyAt = performance.now();
      break;
    case 'step_started':
      heard.running = event.running;
      onEvent({ kind: 'step_started', step: event.running.step });
      break;
    case 'step_output':
      onEvent(event);
      break;
    case 'step_finished':
      heard.running = null;
      heard.steps = shrinkOutput([...heard.steps, event.report]);
      onEvent({ kind: 'step_finished', report: event.report, folders });
      break;
    case 'ended':
      heard.ending = event.ending;
      break;
    default:
      event satisfies never;
  }
}

/** The reports of all commands, of the one too under which the sandbox ended. */
export function allSteps(heard: Heard, limit: 'memory' | 'job_time' | null): StepReport[] {
  return heard.running === null ? heard.steps : [...heard.steps, heard.running.breakOff(limit)];
}
