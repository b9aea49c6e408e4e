import { effectiveLimits, type GradingJobConfig } from '@orca/protocol';

/**
 * What a client should know of a job that is accepted: limits that are lowered, what depends on the operator.
 *
 * @param warnings what checking the job gave already
 * @returns sentences, each beginning with the field's JSON path
 */
export function remarksOnJob(job: GradingJobConfig, warnings: readonly string[]): string[] {
  const remarks = [...warnings, ...effectiveLimits(job).warnings];
  if (job.network === 'full')
    remarks.push('network: "full" is given where the operator of the workers allows it, "none" elsewhere');
  return remarks;
}
