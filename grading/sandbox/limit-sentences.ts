import type { JobLimits, LimitHit } from '@orca/protocol';
import {
  type CommandLimit,
  type FullDisk,
  OUTPUT_HEAD_BYTES,
  OUTPUT_TAIL_BYTES,
} from '@orca/protocol/sandbox-plan';
import { fileSizeMaxMb } from '../container-spec.ts';

/** The limit that a command has hit. */
export interface CommandLimitHit {
  readonly limit: CommandLimit;
  /** Of the limit `disk`, the one that is full. */
  readonly full: FullDisk | null;
  /** Whether its time was up as well: what it waited for is told first. */
  readonly timedOut: boolean;
}

const MIB = 1024 * 1024;

/**
 * Says in words that a student can act on which limit a command hit: pure.
 *
 * @param stepSeconds the command's own time limit
 */
export function describeLimit(
  { limit, full, timedOut }: CommandLimitHit,
  limits: JobLimits,
  stepSeconds: number,
): LimitHit {
  const afterwards = timedOut ? '; it went on until its time was up' : '';
  switch (limit) {
    case 'memory':
      return { kind: 'memory', sentence: memorySentence(limits) + afterwards };
    case 'disk':
      return { kind: 'disk', sentence: fullDiskSentence(full, limits) + afterwards };
    case 'pids':
      return {
        kind: 'pids',
        sentence: `could not start another process or thread: ${limits.pids} were running at once, the most allowed${afterwards}`,
      };
    case 'step_time':
      return {
        kind: 'time',
        sentence: `killed: ran longer than ${stepSeconds} s, this command's time limit`,
      };
    case 'job_time':
      return { kind: 'time', sentence: jobTimeSentence(limits) };
    default:
      return limit satisfies never;
  }
}

/** The sentence for an output that was cut, which is no reason to kill anything. */
export function describeCutOutput(printedBytes: number): LimitHit {
  const keptMib = (OUTPUT_HEAD_BYTES + OUTPUT_TAIL_BYTES) / MIB;
  return {
    kind: 'output',
    sentence: `printed too much: of its ${printedBytes} bytes of output the middle was dropped; ${keptMib} MiB of each stream is kept`,
  };
}

/** The job as a whole took too long. */
export function jobTimeSentence(limits: JobLimits): string {
  return `killed: the whole job ran longer than ${limits.wallSeconds} s`;
}

/** Processes of the submission took too much memory. */
export function memorySentence(limits: JobLimits): string {
  return `killed: used more than ${limits.memoryMb} MiB of memory`;
}

/** Files of the submission, or of the course, are too large before anything runs. */
export function diskSentence(limits: JobLimits): string {
  return `no space left: used all of the ${limits.diskMb} MiB of disk, or as many files as are allowed`;
}

function fullDiskSentence(full: FullDisk | null, limits: JobLimits): string {
  if (full === null) {
    return `killed: a file was to be larger than ${fileSizeMaxMb(limits)} MiB, the largest that is allowed`;
  }
  const { path, what, amount } = full;
  if (what === 'files') {
    return `no room for another file or folder in ${path}: ${amount} were there, the most allowed`;
  }
  return path === '/work'
    ? `no space left: used all of the ${limits.diskMb} MiB of disk`
    : `no space left in ${path}: used all of its ${Math.round(amount / MIB)} MiB`;
}
