import Type, { type Static } from 'typebox';
import { fitsSchema } from './explain-mismatch.ts';
import { HttpUrlSchema, ShaSchema } from './grading-job.ts';
import { JSON_DEPTH_MAX, nestsDeeperThan } from './json-depth.ts';
import { memberPath, rootPath, sentenceAt } from './json-path.ts';
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

/** A body checked: the request, or every problem as a sentence. */
export type ParsedImageBuildRequest =
  | { readonly kind: 'valid'; readonly request: ImageBuildRequest }
  | { readonly kind: 'invalid'; readonly errors: string[] };

/**
 * Checks the body of `POST /grader_images`, but for the base of its final stage.
 *
 * @param sha256Of the SHA-256 of a text in UTF-8, hexadecimal; handed in, so that this room runs in a browser too
 * @returns the request, or at most `ERRORS_MAX` sentences, each beginning with the path of the culprit
 */
export function parseImageBuildRequest(
  value: unknown,
  sha256Of: (text: string) => string,
): ParsedImageBuildRequest {
  const path = rootPath('');
  if (nestsDeeperThan(value, JSON_DEPTH_MAX)) {
    return { kind: 'invalid', errors: [sentenceAt(path, `nesting deeper than ${JSON_DEPTH_MAX}`)] };
  }
  const errors: string[] = [];
  if (!fitsSchema(ImageBuildRequestSchema, value, path, errors)) return { kind: 'invalid', errors };
  const sha = sha256Of(value.dockerfile_contents);
  if (sha === value.dockerfile_sha_sum) return { kind: 'valid', request: value };
  const sentence = sentenceAt(
    memberPath(path, 'dockerfile_sha_sum'),
    `must be that of dockerfile_contents, ${sha}`,
  );
  return { kind: 'invalid', errors: [sentence] };
}
