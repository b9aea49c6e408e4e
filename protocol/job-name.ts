import Type, { type Static } from 'typebox';
import { fitsSchema } from './explain-mismatch.ts';
import { GradingJobSchema } from './grading-job.ts';
import { rootPath } from './json-path.ts';

/** What a client knows a job by: as it stood in the job. In a body, since a key is nobody else's to see, and URLs are logged. */
export const JobNameSchema = Type.Object(
  { key: GradingJobSchema.properties.key, response_url: GradingJobSchema.properties.response_url },
  { additionalProperties: false },
);

/** What a client knows a job by. */
export type JobName = Static<typeof JobNameSchema>;

/** A body checked: the name, or every problem as a sentence. */
export type ParsedJobName =
  | { readonly kind: 'valid'; readonly name: JobName }
  | { readonly kind: 'invalid'; readonly errors: string[] };

/**
 * Checks the body of `POST /jobs/find` and `POST /jobs/find_result`.
 *
 * @returns the name, or at most `ERRORS_MAX` sentences, each beginning with the path of the culprit
 */
export function parseJobName(value: unknown): ParsedJobName {
  const errors: string[] = [];
  if (!fitsSchema(JobNameSchema, value, rootPath(''), errors)) return { kind: 'invalid', errors };
  return { kind: 'valid', name: value };
}
