import Type, { type Static } from 'typebox';
import { checkDockerfile } from './check-dockerfile.ts';
import type { DockerfileRules } from './dockerfile-rules.ts';
import { fitsSchema } from './explain-mismatch.ts';
import { ImageBuildRequestSchema } from './image-build.ts';
import { JSON_DEPTH_MAX, nestsDeeperThan } from './json-depth.ts';
import { rootPath, sentenceAt } from './json-path.ts';

/** The body of `POST /grader_images/builds`: a build that nobody is POSTed about. */
export const ImageOrderSchema = Type.Object(
  { dockerfile_contents: ImageBuildRequestSchema.properties.dockerfile_contents },
  { additionalProperties: false },
);

/** An order to build a grader image. */
export type ImageOrder = Static<typeof ImageOrderSchema>;

/** A body checked: the order with remarks, or every problem as a sentence. */
export type ParsedImageOrder =
  | { readonly kind: 'valid'; readonly order: ImageOrder; readonly notes: string[] }
  | { readonly kind: 'invalid'; readonly errors: string[] };

/**
 * Checks the body of `POST /grader_images/builds`, and reads its Dockerfile as that of `POST /grader_images` is read.
 *
 * @returns the order with remarks, or at most `ERRORS_MAX` sentences, each beginning with the path of the culprit
 */
export function parseImageOrder(value: unknown, rules: DockerfileRules): ParsedImageOrder {
  const path = rootPath('');
  if (nestsDeeperThan(value, JSON_DEPTH_MAX)) {
    return { kind: 'invalid', errors: [sentenceAt(path, `nesting deeper than ${JSON_DEPTH_MAX}`)] };
  }
  const errors: string[] = [];
  if (!fitsSchema(ImageOrderSchema, value, path, errors)) return { kind: 'invalid', errors };
  const { notes, errors: problems } = checkDockerfile(value.dockerfile_contents, rules);
  if (problems.length > 0) return { kind: 'invalid', errors: problems };
  return { kind: 'valid', order: value, notes };
}
