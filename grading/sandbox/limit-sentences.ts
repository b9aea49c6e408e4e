import type { JobLimits, LimitHit } from '@orca/protocol';
import type { CommandLimit } from '@orca/protocol/sandbox-plan';

/**
 * Says in words that a student can act on which limit a command hit: pure.
 *
 * @param stepSeconds the command's own time limit
 */
export function describeLimit(limit: CommandLimit, limits: JobLimits, stepSeconds: number): LimitHit {
  switch (limit) {
    case 'memory':
      return { kind: 'memory', sentence: memorySentence(limits) };
    case 'disk':
      return { kind: 'disk', sentence: diskSentence(limits) };
    case 'pids':
      return {
        kind: 'pids',
        sentence: `could not start another process or thread: ${limits.pids} were running at once, the most allowed`,
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
  return {
    kind: 'output',
    sentence: `printed too much: of its ${printedBytes} bytes of output the middle was dropped`,
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

/** Files of the submission, or of the course, are too large. */
export function diskSentence(limits: JobLimits): string {
  return `no space left: used all of the ${limits.diskMb} MiB of disk, or as many files as are allowed`;
}
