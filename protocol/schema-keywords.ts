/**
 * Keywords of our own on TypeBox schemas, for what JSON Schema cannot say. The prefix `x-` is the one that OpenAPI
 * leaves to extensions, so that the schemas can be published as they are.
 *
 * @see explain-mismatch.ts, which obeys them
 */
export interface OwnKeywords {
  /** What is allowed, in words: completes the sentence "must be …". Without it the words come from the schema. */
  'x-allowed'?: string;
  /** Most bytes of the text in UTF-8. `maxLength` counts characters. */
  'x-max-bytes'?: number;
  /**
   * A rule that is no regular expression: `http_url`, a URL of http or https, with a host whose name the DNS can have and
   * without user or password.
   */
  'x-rule'?: 'http_url';
  /** The value may hold a secret: no error shows it. */
  'x-secret'?: true;
}

/** Keywords of our own, to be spread into a schema's options: names and values are checked here. */
export function own(keywords: OwnKeywords): OwnKeywords {
  return keywords;
}

/** Standard keywords of ours and TypeBox's schemas that its types leave out. */
type Keyword =
  | keyof OwnKeywords
  | 'additionalProperties'
  | 'exclusiveMinimum'
  | 'maxItems'
  | 'maxLength'
  | 'maxProperties'
  | 'maximum'
  | 'minItems'
  | 'minLength'
  | 'minimum'
  | 'pattern'
  | 'propertyNames';

/**
 * Reads one keyword of a schema.
 *
 * @returns its value, or `undefined` where the schema does not have it
 */
export function keywordOf(schema: object, name: Keyword): unknown {
  return Object.hasOwn(schema, name) ? Reflect.get(schema, name) : undefined;
}

/** A keyword that bounds something; `undefined` where the schema does not have it. */
export function boundOf(schema: object, name: Keyword): number | undefined {
  const value = keywordOf(schema, name);
  return typeof value === 'number' ? value : undefined;
}

/** A keyword that is a text; `undefined` where the schema does not have it. */
export function textOf(schema: object, name: Keyword): string | undefined {
  const value = keywordOf(schema, name);
  return typeof value === 'string' ? value : undefined;
}
