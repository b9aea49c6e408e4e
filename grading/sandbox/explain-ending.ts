import type { JobLimits } from '@orca/protocol';
import type { HarnessEnding } from '@orca/protocol/sandbox-plan';
import type { CutOff } from './cut-off.ts';
import { diskSentence, jobTimeSentence, memorySentence } from './limit-sentences.ts';
import type { SandboxEnding } from './sandbox.ts';

/** How a harness ended without a last word. */
export interface Silence {
  /** Why the worker cut it off, if it did. */
  readonly cutOff: CutOff | null;
  /** What was thrown here, if anything. */
  readonly problem: unknown;
  /** What the engine says of the container; `null` when it has vanished or was cut off. */
  readonly state: { readonly exitCode: number; readonly isOomKilled: boolean } | null;
  /** The end of what the harness said to engineers. */
  readonly complaint: string;
}

/** What a harness' last word means for the job: pure. */
export function explainEnding(ending: HarnessEnding, limits: JobLimits): SandboxEnding {
  switch (ending.kind) {
    case 'output':
    case 'abort':
    case 'refused':
      return ending;
    case 'job_time':
      return { kind: 'limit', sentence: jobTimeSentence(limits) };
    case 'disk':
      return { kind: 'limit', sentence: diskSentence(limits) };
    case 'memory':
      return { kind: 'limit', sentence: memorySentence(limits) };
    case 'failed':
      return { kind: 'failed', sentence: `Cannot run the job: the harness says "${ending.sentence}"` };
    default:
      return ending satisfies never;
  }
}

/**
 * What a harness' silence means for the job: pure. A death for want of memory, and a job that runs past its time, are the
 * submission's doing; everything else is ours.
 */
export function explainSilence(silence: Silence, limits: JobLimits): SandboxEnding {
  const { cutOff, state, complaint } = silence;
  const cause = silence.problem ?? (complaint === '' ? undefined : new Error(complaint));
  switch (cutOff) {
    case 'stopped':
      return { kind: 'stopped' };
    case 'deadline':
      return { kind: 'limit', sentence: jobTimeSentence(limits) };
    case 'silent':
      return { kind: 'failed', sentence: 'Cannot run the job: the harness did not start in time', cause };
    case 'broken':
      return {
        kind: 'failed',
        sentence: 'Cannot run the job: the conversation with the container broke',
        cause,
      };
    case null:
      break;
    default:
      return cutOff satisfies never;
  }
  if (state?.isOomKilled) return { kind: 'limit', sentence: memorySentence(limits) };
  const how = state === null ? 'vanished' : `ended with status ${state.exitCode}`;
  return { kind: 'failed', sentence: `Cannot run the job: its container ${how}`, cause };
}
