import Type, { type Static } from 'typebox';
import { ApiErrorSchema } from './api-error.ts';
import { fitsSchema } from './explain-mismatch.ts';
import { JobPutAnswerSchema } from './job-answers.ts';
import { rootPath } from './json-path.ts';

/** Most jobs of one batch. */
export const BATCH_JOBS_MAX = 200;

const AnyJobSchema = Type.Unknown();

/** The body of `PUT /grading_queue/batch`; each job is checked by itself. */
export const JobBatchSchema = Type.Object(
  {
    grading_jobs: Type.Array(AnyJobSchema, { minItems: 1, maxItems: BATCH_JOBS_MAX }),
    immediate: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

const { errors: ErrorsSchema, code: CodeSchema } = ApiErrorSchema.properties;

/** What a batch answers: one entry for each job, in the order of the jobs. */
export const JobBatchAnswerSchema = Type.Object({
  results: Type.Array(
    Type.Union([
      Type.Object({ status_code: Type.Literal(200), ...JobPutAnswerSchema.properties }),
      Type.Object({
        status_code: Type.Integer({
          minimum: 400,
          maximum: 499,
          description: 'What a PUT of its own would be answered.',
        }),
        errors: ErrorsSchema,
        code: CodeSchema,
      }),
    ]),
  ),
});

/** What a batch answers. */
export type JobBatchAnswer = Static<typeof JobBatchAnswerSchema>;

/** A body checked: jobs that are not, or every problem as a sentence. */
export type ParsedJobBatch =
  | { readonly kind: 'valid'; readonly jobs: readonly unknown[]; readonly immediate: boolean }
  | { readonly kind: 'invalid'; readonly errors: string[] };

/**
 * Checks the body of `PUT /grading_queue/batch`, and nothing inside its jobs: a bad one spoils no other.
 *
 * @returns the jobs as they came, or at most `ERRORS_MAX` sentences, each beginning with the path of the culprit
 */
export function parseJobBatch(value: unknown): ParsedJobBatch {
  const errors: string[] = [];
  const anyJob = new Map([[AnyJobSchema, () => []]]);
  if (!fitsSchema(JobBatchSchema, value, rootPath(''), errors, anyJob)) return { kind: 'invalid', errors };
  return { kind: 'valid', jobs: value.grading_jobs, immediate: value.immediate ?? false };
}
