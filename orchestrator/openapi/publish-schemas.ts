import {
  ApiErrorSchema,
  GradingJobSchema,
  GradingScriptSchema,
  ImageBuildRequestSchema,
  ImageOrderSchema,
  ListedBuildSchema,
  ListedImageSchema,
} from '@orca/protocol';

/** Schemas that stand in the document once, under their names; wherever a route uses one, a reference is put. */
const NAMED: readonly [name: string, schema: object][] = [
  ['ApiError', ApiErrorSchema],
  ['GradingJob', GradingJobSchema],
  ['GradingScript', GradingScriptSchema],
  ['ImageBuildRequest', ImageBuildRequestSchema],
  ['ImageOrder', ImageOrderSchema],
  ['ListedImage', ListedImageSchema],
  ['ListedBuild', ListedBuildSchema],
];

const NAMES = new Map<unknown, string>(NAMED.map(([name, schema]) => [schema, name]));

/** A JSON Schema as OpenAPI 3.1 has it. */
export type PublishedSchema = Record<string, unknown>;

/** The named schemas, for `components.schemas`. The parts of a recursive one stand beside each other. */
export function publishNamedSchemas(): Record<string, PublishedSchema> {
  const published = NAMED.flatMap(([name, schema]): [string, PublishedSchema][] => {
    const parts: object | undefined = Reflect.get(schema, '$defs');
    return parts === undefined
      ? [[name, publishMembers(schema)]]
      : Object.entries(parts).map(([part, value]) => [part, publishMembers(value)]);
  });
  return Object.fromEntries(published);
}

/** A reference to one of the named schemas. */
export function referTo(name: string): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}

/** A schema of a route, with references in the place of named ones. */
export function publishSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(publishSchema);
  if (typeof schema !== 'object' || schema === null) return schema;
  const name = NAMES.get(schema);
  return name === undefined ? publishMembers(schema) : referTo(name);
}

/**
 * TypeBox writes references of recursive schemas without a pointer, and choices between words as unions: both mean the
 * same in the form that tools show better.
 */
function publishMembers(schema: object): PublishedSchema {
  const { $id: _, ...members } = { $id: undefined, ...schema };
  const published: PublishedSchema = Object.fromEntries(
    Object.entries(members).map(([keyword, value]) => [
      keyword,
      keyword === '$ref' && typeof value === 'string' ? referTo(value).$ref : publishSchema(value),
    ]),
  );
  const words = wordsOf(published['anyOf']);
  if (words === null) return published;
  const { anyOf: __, ...others } = published;
  return { type: 'string', enum: words, ...others };
}

/** The words of a union that consists of nothing else, `null` for any other. */
function wordsOf(choices: unknown): string[] | null {
  if (!Array.isArray(choices)) return null;
  const words = choices.map((choice: object) => Reflect.get(choice, 'const'));
  return words.every((word) => typeof word === 'string') ? words : null;
}
