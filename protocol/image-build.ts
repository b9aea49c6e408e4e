import Type, { type Static } from 'typebox';
import { ERRORS_MAX } from './api-error.ts';
import { checkDockerfile } from './check-dockerfile.ts';
import type { DockerfileRules } from './dockerfile-rules.ts';
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

/** One entry of a build's log. */
export type ImageBuildLog = Static<typeof ImageBuildLogSchema>;

/** What the client receives when a build ended. */
export const ImageBuildOutcomeSchema = Type.Object({
  was_successful: Type.Boolean(),
  logs: Type.Array(ImageBuildLogSchema),
});

/** What the client receives when a build ended. */
export type ImageBuildOutcome = Static<typeof ImageBuildOutcomeSchema>;

/** A body checked: the request with remarks, or every problem as a sentence. */
export type ParsedImageBuildRequest =
  | {
      readonly kind: 'valid';
      readonly request: ImageBuildRequest;
      /** What its author may not expect; see `CheckedDockerfile`. */
      readonly notes: string[];
      readonly baseReferences: string[];
    }
  | {
      readonly kind: 'invalid';
      readonly errors: string[];
      /** Where the request is in order, and only its Dockerfile breaks a rule: the image may have been built before there was one. */
      readonly request?: ImageBuildRequest;
    };

/** What the check of a request needs. */
export interface ImageBuildRequestDeps extends DockerfileRules {
  /** The SHA-256 of a text in UTF-8, hexadecimal; handed in, so that this room runs in a browser too. */
  readonly sha256Of: (text: string) => string;
}

/**
 * Checks the body of `POST /grader_images`, and reads its Dockerfile. What only the finished image shows is not seen.
 *
 * @returns the request with remarks, or at most `ERRORS_MAX` sentences, each beginning with the path of the culprit
 */
export function parseImageBuildRequest(value: unknown, deps: ImageBuildRequestDeps): ParsedImageBuildRequest {
  const path = rootPath('');
  if (nestsDeeperThan(value, JSON_DEPTH_MAX)) {
    return { kind: 'invalid', errors: [sentenceAt(path, `nesting deeper than ${JSON_DEPTH_MAX}`)] };
  }
  const errors: string[] = [];
  if (!fitsSchema(ImageBuildRequestSchema, value, path, errors)) return { kind: 'invalid', errors };
  const sha = deps.sha256Of(value.dockerfile_contents);
  if (sha !== value.dockerfile_sha_sum) {
    const message = `must be the SHA-256 of the exact bytes (UTF-8) of dockerfile_contents, ${sha}`;
    errors.push(sentenceAt(memberPath(path, 'dockerfile_sha_sum'), message));
  }
  const { notes, baseReferences, errors: problems } = checkDockerfile(value.dockerfile_contents, deps);
  if (errors.length > 0) return { kind: 'invalid', errors: [...errors, ...problems].slice(0, ERRORS_MAX) };
  if (problems.length > 0) return { kind: 'invalid', errors: problems.slice(0, ERRORS_MAX), request: value };
  return { kind: 'valid', request: value, notes, baseReferences };
}
