import Type, { type Static } from 'typebox';
import { HttpUrlSchema, ShaSchema } from './grading-job.ts';
import { own } from './schema-keywords.ts';

/** Most bytes of a Dockerfile. */
export const DOCKERFILE_BYTES_MAX = 64 * 1024;

/** The Dockerfile of the base image itself, as a grader image that is always there. */
export const BASE_IMAGE_DOCKERFILE = 'FROM orca-grader-base\n';

/**
 * The name under which the base image is known as a grader image. Written out, so that this room needs no crypto and
 * runs in a browser; a test computes it.
 *
 * @returns the SHA-256 of `BASE_IMAGE_DOCKERFILE`, hexadecimal
 */
export function baseImageSha(): string {
  return 'b114bc5f21f0f99513c4bbe94d851dc8a48bf1edc214edf58d1811c1cc04f28f';
}

/** The body of `POST /grader_images`. */
export const ImageBuildRequestSchema = Type.Object(
  {
    dockerfile_contents: Type.String({
      minLength: 1,
      ...own({ 'x-max-bytes': DOCKERFILE_BYTES_MAX, 'x-secret': true }),
    }),
    dockerfile_sha_sum: ShaSchema,
    response_url: HttpUrlSchema,
  },
  { additionalProperties: false },
);

/** A request to build a grader image. */
export type ImageBuildRequest = Static<typeof ImageBuildRequestSchema>;

/** One entry of a build's log: always an object, since the existing client breaks on strings. */
export const ImageBuildLogSchema = Type.Object({
  step: Type.String(),
  output: Type.Optional(Type.String()),
  error: Type.Optional(Type.String()),
});

/** What the client receives when a build ended. */
export const ImageBuildOutcomeSchema = Type.Object({
  was_successful: Type.Boolean(),
  logs: Type.Array(ImageBuildLogSchema),
});

/** What the client receives when a build ended. */
export type ImageBuildOutcome = Static<typeof ImageBuildOutcomeSchema>;
