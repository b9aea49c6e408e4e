import Type, { type TSchema } from 'typebox';
import { describeSchema, describeValue } from './describe-schema.ts';
import { HOSTNAME_CHARACTERS_MAX } from './grading-job.ts';
import { type JsonPath, sentenceAt } from './json-path.ts';
import { boundOf, keywordOf, textOf } from './schema-keywords.ts';

/**
 * Explains why a value does not fit a schema of strings: its bounds in characters and bytes, its pattern, its rule.
 * NUL and halves of surrogate pairs are refused in every string: PostgreSQL stores neither.
 *
 * @returns at most one sentence
 */
export function* explainString(schema: Type.TString, value: unknown, path: JsonPath): Generator<string> {
  const allowed = `must be ${describeSchema(schema)}`;
  const isSecret = keywordOf(schema, 'x-secret') === true;
  if (typeof value !== 'string') yield sentenceAt(path, `${allowed}, is ${describeValue(value)}`);
  else if (value.includes('\0')) yield sentenceAt(path, 'must not contain NUL');
  else if (!value.isWellFormed()) yield sentenceAt(path, 'must be Unicode, has half of a surrogate pair');
  else {
    const excess = describeExcess(schema, value);
    if (excess !== null) yield sentenceAt(path, `${allowed}, is ${excess}`);
    else if (!fitsPattern(schema, value) || !fitsRule(schema, value)) {
      yield sentenceAt(path, isSecret ? allowed : `${allowed}, is ${describeValue(value)}`);
    }
  }
}

/** Explains why a value does not fit a schema of numbers. Strings and booleans are no numbers. At most one sentence. */
export function* explainNumber(
  schema: Type.TNumber | Type.TInteger,
  value: unknown,
  path: JsonPath,
): Generator<string> {
  if (typeof value === 'number' && Number.isFinite(value) && isInRange(schema, value)) {
    if (Type.IsNumber(schema) || Number.isInteger(value)) return;
  }
  yield sentenceAt(path, `must be ${describeSchema(schema)}, is ${describeValue(value)}`);
}

function isInRange(schema: Type.TNumber | Type.TInteger, value: number): boolean {
  if (value < (boundOf(schema, 'minimum') ?? Number.NEGATIVE_INFINITY)) return false;
  if (value <= (boundOf(schema, 'exclusiveMinimum') ?? Number.NEGATIVE_INFINITY)) return false;
  return value <= (boundOf(schema, 'maximum') ?? Number.POSITIVE_INFINITY);
}

/** Code points, as JSON Schema counts. No need to count what is short enough in UTF-16. */
function charactersOf(text: string, enough: number): number {
  return text.length <= enough ? text.length : [...text].length;
}

function describeExcess(schema: Type.TString, value: string): string | null {
  if (value.length < (boundOf(schema, 'minLength') ?? 0))
    return value === '' ? 'empty' : `${value.length} characters`;
  const bytesMax = boundOf(schema, 'x-max-bytes');
  // A UTF-16 unit takes three bytes at most: most texts need no counting.
  if (bytesMax !== undefined && value.length * 3 > bytesMax) {
    const bytes = new TextEncoder().encode(value).length;
    if (bytes > bytesMax) return `${bytes} bytes`;
  }
  const most = boundOf(schema, 'maxLength') ?? Number.POSITIVE_INFINITY;
  const characters = charactersOf(value, most);
  return characters > most ? `${characters} characters` : null;
}

function fitsPattern(schema: Type.TString, value: string): boolean {
  const pattern = textOf(schema, 'pattern');
  return pattern === undefined || new RegExp(pattern, 'u').test(value);
}

function fitsRule(schema: TSchema, value: string): boolean {
  return keywordOf(schema, 'x-rule') !== 'http_url' || isHttpUrl(value);
}

/** The scheme and its slashes are looked at in the text too: the parser also takes `https:host` and `https:\host`. */
function isHttpUrl(text: string): boolean {
  if (!/^https?:\/\/[^/\\]/i.test(text) || /[\s\\]/.test(text) || !URL.canParse(text)) return false;
  const { hostname, username, password } = new URL(text);
  if (hostname === '' || hostname.length > HOSTNAME_CHARACTERS_MAX) return false;
  return username === '' && password === '';
}
