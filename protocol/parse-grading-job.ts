import type { GradingJobConfig } from './grading-job.ts';

/** A body checked: the job with remarks, or every problem as a sentence. */
export type ParsedGradingJob =
  | { readonly kind: 'valid'; readonly job: GradingJobConfig; readonly warnings: string[] }
  | { readonly kind: 'invalid'; readonly errors: string[] };

export function parseGradingJob(_value: unknown): ParsedGradingJob {
  throw new Error('not yet');
}
