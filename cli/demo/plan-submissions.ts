import { type GradingJobConfig, parseGradingJob } from '@orca/protocol';
import { UserError } from '../user-error.ts';
import type { ExpectedResult } from './expected-result.ts';
import { fillTemplate } from './fill-template.ts';
import type { Example } from './load-example.ts';

/** A sample submission with the job that grades it. */
export interface PlannedSubmission {
  readonly example: string;
  readonly submission: string;
  readonly job: GradingJobConfig;
  readonly expected: ExpectedResult;
}

/** Where the client of the jobs is. */
export interface ClientUrls {
  readonly responseUrl: string;
  filesUrl(example: string): string;
}

/**
 * Makes the jobs of an example: one for each submission that its `expected.json` names.
 *
 * @throws {UserError} with the sentences of the check, when `job.json` is no good job
 */
export function planSubmissions(example: Example, client: ClientUrls): PlannedSubmission[] {
  return [...example.expected].map(([submission, expected]) => {
    const values = new Map([
      ['submission', submission],
      ['files', client.filesUrl(example.name)],
      ['response_url', client.responseUrl],
      ['grader_image_sha', example.imageSha],
    ]);
    const parsed = parseGradingJob(fillTemplate(example.jobTemplate, values));
    switch (parsed.kind) {
      case 'valid':
        return { example: example.name, submission, job: parsed.job, expected };
      case 'invalid':
        throw new UserError(`Cannot use job.json of "${example.name}": ${parsed.errors.join('; ')}`);
      default:
        return parsed satisfies never;
    }
  });
}
