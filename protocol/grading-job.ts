import Type, { type Static } from 'typebox';
import { EXAMPLE_JOB } from './example-job.ts';
import { GradingScriptSchema } from './grading-script.ts';
import { RequestedLimitsSchema } from './job-limits.ts';
import { own } from './schema-keywords.ts';

/** Most bytes of a job's `key`, in UTF-8. */
export const KEY_BYTES_MAX = 1024;
/** Most characters of `collation.id`. */
export const COLLATION_ID_CHARACTERS_MAX = 256;
/** Most bytes of a URL, in UTF-8. */
export const URL_BYTES_MAX = 2048;
/** Most characters of a hostname, as `clientOf` gives it: the longest name that the DNS has. */
export const HOSTNAME_CHARACTERS_MAX = 253;
/** Most files of a job. */
export const FILES_MAX = 32;
/** What a file may be named: the name is the folder that it lands in. */
export const FILE_NAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$';
/** Most entries of `metadata_table`. */
export const METADATA_ENTRIES_MAX = 64;
/** Most bytes of one value of `metadata_table`, and of one of its names. */
export const METADATA_BYTES_MAX = 1024;
/** Most characters of a mime type: the 127 of each half that RFC 4288 allows, and the slash. */
export const MIME_TYPE_CHARACTERS_MAX = 255;
/** Longest delay before a job may be graded, in seconds: a week. */
export const DELAY_SECONDS_MAX = 604_800;
/** All names, those with line breaks too: TypeBox's own pattern for records leaves them out, and unchecked. */
const ANY_TEXT_PATTERN = '^[\\s\\S]*$';
/** The SHA-256 of a Dockerfile, as it is written. */
export const SHA_PATTERN = '^[0-9a-f]{64}$';

/**
 * A URL of http or https, at most `URL_BYTES_MAX` long, without user and password. Its hostname has a limit of its own: as
 * `xn--…` it may be longer than it is in the URL, and indexes have it. `maxLength` is for those who know no more.
 */
export const HttpUrlSchema = Type.String({
  minLength: 1,
  maxLength: URL_BYTES_MAX,
  ...own({
    'x-max-bytes': URL_BYTES_MAX,
    'x-rule': 'http_url',
    'x-secret': true,
    'x-allowed': `an http or https URL of at most ${URL_BYTES_MAX} bytes, with a hostname of at most ${HOSTNAME_CHARACTERS_MAX} characters, without user and password`,
  }),
});

/** The SHA-256 of a Dockerfile: 64 lower-case hexadecimal digits. */
export const ShaSchema = Type.String({
  pattern: SHA_PATTERN,
  ...own({ 'x-allowed': 'a SHA-256: 64 digits of 0-9 and a-f' }),
});

/** Who submitted. */
export const CollationSchema = Type.Object(
  {
    type: Type.Union([Type.Literal('user'), Type.Literal('team')]),
    id: Type.String({ minLength: 1, maxLength: COLLATION_ID_CHARACTERS_MAX }),
  },
  { additionalProperties: false },
);

/** One file of a job. */
export const JobFileSchema = Type.Object(
  {
    url: HttpUrlSchema,
    mime_type: Type.String({ minLength: 1, maxLength: MIME_TYPE_CHARACTERS_MAX }),
    should_replace_paths: Type.Boolean({
      description: 'Replace $DOWNLOADED, $EXTRACTED and $BUILD in the files of this entry.',
    }),
  },
  { additionalProperties: false },
);

/** The body of `PUT /grading_queue`. `parseGradingJob` checks it, with what a schema cannot see. */
export const GradingJobSchema = Type.Object(
  {
    key: Type.String({
      minLength: 1,
      ...own({ 'x-max-bytes': KEY_BYTES_MAX, 'x-secret': true }),
      description: "The client's own identifier: opaque, echoed byte for byte.",
    }),
    collation: CollationSchema,
    metadata_table: Type.Record(
      Type.String({ pattern: ANY_TEXT_PATTERN }),
      Type.String({ ...own({ 'x-max-bytes': METADATA_BYTES_MAX }) }),
      {
        maxProperties: METADATA_ENTRIES_MAX,
        propertyNames: Type.String({ minLength: 1, ...own({ 'x-max-bytes': METADATA_BYTES_MAX }) }),
        description: 'For people: filters, pages.',
      },
    ),
    files: Type.Record(Type.String({ pattern: ANY_TEXT_PATTERN }), JobFileSchema, {
      maxProperties: FILES_MAX,
      propertyNames: Type.String({
        pattern: FILE_NAME_PATTERN,
        ...own({ 'x-allowed': 'a letter or digit, then at most 63 of letters, digits, ".", "_" and "-"' }),
      }),
      description: 'Name of the folder in which a file lands, and the file.',
    }),
    priority: Type.Number({
      maximum: DELAY_SECONDS_MAX,
      description: 'Delay in seconds before the job may be graded; below 0 counts as 0.',
    }),
    script: GradingScriptSchema,
    response_url: HttpUrlSchema,
    container_response_url: Type.Optional(HttpUrlSchema),
    grader_image_sha: ShaSchema,
    limits: Type.Optional(RequestedLimitsSchema),
    network: Type.Optional(Type.Union([Type.Literal('none'), Type.Literal('full')])),
  },
  { additionalProperties: false, examples: [EXAMPLE_JOB] },
);

/** A grading job as it came off the wire, checked. */
export type GradingJobConfig = Static<typeof GradingJobSchema>;

/** Who submitted: a user or a team, and its id. */
export type Collation = Static<typeof CollationSchema>;

/** A file of a job. */
export type JobFile = Static<typeof JobFileSchema>;

/**
 * The client that a URL belongs to.
 *
 * @param url an http or https URL that `parseGradingJob` has passed
 * @returns its hostname in lower case, without the port
 * @throws {TypeError} `ERR_INVALID_URL` when it is no URL
 */
export function clientOf(url: string): string {
  return new URL(url).hostname;
}

/**
 * The delay that a job asks for.
 *
 * @returns seconds, 0 for a priority below 0
 */
export function delaySecondsOf(job: Pick<GradingJobConfig, 'priority'>): number {
  return Math.max(0, job.priority);
}
