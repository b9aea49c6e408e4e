/**
 * Keywords of our own on TypeBox schemas, for what JSON Schema cannot say. The prefix `x-` is the one that OpenAPI
 * leaves to extensions, so that the schemas can be published as they are.
 *
 * @see explain-mismatch.ts, the one reader
 */
export interface OwnKeywords {
  /** What is allowed, in words: completes the sentence "must be …". Without it the words come from the schema. */
  'x-allowed'?: string;
  /** Most bytes of the text in UTF-8. `maxLength` counts characters. */
  'x-max-bytes'?: number;
  /** A rule that is no regular expression: `http_url`, a URL of http or https, with a host and without user or password. */
  'x-rule'?: 'http_url';
  /** The value may hold a secret: no error shows it. */
  'x-secret'?: true;
}

/**
 * Reads one keyword of a schema.
 *
 * @returns its value, or `undefined` where the schema does not have it
 */
export function keywordOf(schema: object, name: keyof OwnKeywords | 'additionalProperties'): unknown {
  return Object.hasOwn(schema, name) ? Reflect.get(schema, name) : undefined;
}

/** Keywords of our own, to be spread into a schema's options: names and values are checked here. */
export function own(keywords: OwnKeywords): OwnKeywords {
  return keywords;
}
