import Type, { type Static } from 'typebox';
import { ScoreSchema, TestRecordSchema } from './test-report.ts';

/** What can go wrong outside the commands: kind, and what it means. */
export const RESULT_ERRORS = {
  JobCancelled: 'The job was cancelled before it was finished.',
  ImageBuildFailed: 'The grader image could not be built: its Dockerfile has to be changed.',
  FileFetchFailed: 'A file of the job could not be fetched; the sentence names it.',
  ArchiveRefused: 'A file of the job is no sound archive, or one that would leave its folder or the limits.',
  LimitExceeded: 'The job as a whole came to one of its limits; what ran before is in the result.',
  InfrastructureFailed: 'Orca could not grade the job, three times over. It is no fault of the submission.',
} as const;

/** What can go wrong outside the commands. */
export type ResultErrorKind = keyof typeof RESULT_ERRORS;

/** One of the kinds of `RESULT_ERRORS`. */
const ResultErrorKindSchema = Type.Union([
  Type.Literal('JobCancelled'),
  Type.Literal('ImageBuildFailed'),
  Type.Literal('FileFetchFailed'),
  Type.Literal('ArchiveRefused'),
  Type.Literal('LimitExceeded'),
  Type.Literal('InfrastructureFailed'),
]);

/** The limit that ended a command or cut its output, in words that a student can act on. */
export const LimitHitSchema = Type.Object({
  kind: Type.Union([
    Type.Literal('memory'),
    Type.Literal('disk'),
    Type.Literal('pids'),
    Type.Literal('time'),
    Type.Literal('output'),
  ]),
  sentence: Type.String(),
});

/** The limit that ended a command or cut its output. */
export type LimitHit = Static<typeof LimitHitSchema>;

/** What a command used. */
export const CommandUsageSchema = Type.Object({
  wall_ms: Type.Number(),
  cpu_ms: Type.Number(),
  memory_peak_bytes: Type.Number(),
  output_bytes: Type.Number({ description: 'Bytes printed on both streams, dropped ones included.' }),
});

/** What a command used. */
export type CommandUsage = Static<typeof CommandUsageSchema>;

/** One command that ran. */
export const ShellResponseSchema = Type.Object({
  cmd: Type.Union([Type.String(), Type.Array(Type.String())]),
  stdout: Type.String(),
  stderr: Type.String(),
  is_error: Type.Boolean(),
  did_timeout: Type.Boolean(),
  timed_out: Type.Boolean({ description: 'The same as did_timeout.' }),
  status_code: Type.Union([Type.Integer(), Type.Null()], {
    description: 'null after a time-out, −N after signal N.',
  }),
  usage: Type.Optional(CommandUsageSchema),
  limit: Type.Optional(LimitHitSchema),
});

/** One command that ran, in the order in which they ran. */
export type ShellResponse = Static<typeof ShellResponseSchema>;

/** How long each phase of a job took. */
export const TimingsSchema = Type.Object({
  queued_ms: Type.Number(),
  image_ms: Type.Number(),
  files_ms: Type.Number({ description: 'Fetching the files, as far as it took longer than the image.' }),
  container_ms: Type.Number(),
  unpack_ms: Type.Number({ description: 'Sending the files into the container and unpacking them there.' }),
  commands_ms: Type.Number(),
  total_ms: Type.Number(),
});

/** How long each phase of a job took, in milliseconds. */
export type Timings = Static<typeof TimingsSchema>;

/** What the client receives at `response_url` when a job is finished. */
export const GradingResultSchema = Type.Object({
  key: Type.String(),
  shell_responses: Type.Array(ShellResponseSchema),
  errors: Type.Array(Type.String({ description: 'Kind: sentence' })),
  output: Type.Optional(
    Type.String({ description: 'stdout of the command that ended the script with "output".' }),
  ),
  error_codes: Type.Array(ResultErrorKindSchema),
  timings: Type.Optional(TimingsSchema),
  tests: Type.Optional(Type.Array(TestRecordSchema)),
  score: Type.Optional(ScoreSchema),
  grading_id: Type.String({ description: 'The webhook-id of the POST that carries this.' }),
});

/** What the client receives at `response_url` when a job is finished. */
export type GradingResult = Static<typeof GradingResultSchema>;

/**
 * An entry of a result's `errors`.
 *
 * @returns `Kind: sentence`
 */
export function resultError(kind: ResultErrorKind, sentence: string): string {
  return `${kind}: ${sentence}`;
}

/**
 * The result of a job of which no command ran.
 *
 * @param options.gradingId the `webhook-id` of its delivery
 */
export function resultWithoutCommands(options: {
  readonly key: string;
  readonly gradingId: string;
  readonly kind: ResultErrorKind;
  readonly sentence: string;
}): GradingResult {
  return {
    key: options.key,
    shell_responses: [],
    errors: [resultError(options.kind, options.sentence)],
    error_codes: [options.kind],
    grading_id: options.gradingId,
  };
}
