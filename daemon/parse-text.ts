import { IsArray, IsBoolean, IsEnum, IsInteger, IsLiteral, IsNumber, IsUnion, type TSchema } from 'typebox';

/** What a variable's text became: a value still to be checked against the schema, or a sentence. */
export type ParsedText = { kind: 'ok'; value: unknown } | { kind: 'invalid'; problem: string };

const TRUE_WORDS = ['1', 'true', 'yes', 'on'];
const FALSE_WORDS = ['0', 'false', 'no', 'off'];
// Decimal digits only: Number() would also take '', '0x10' and '1e3'.
const DECIMAL = /^[+-]?\d+(\.\d+)?$/;

function invalid(schema: TSchema): ParsedText {
  return { kind: 'invalid', problem: `must be ${describeSchema(schema)}` };
}

/** The words that a union of string literals allows; empty for any other schema. */
function wordsOf(schema: TSchema): string[] {
  if (IsEnum(schema)) return schema.enum.map(String);
  if (IsUnion(schema))
    return schema.anyOf.flatMap((member) => (IsLiteral(member) ? [String(member.const)] : []));
  return [];
}

function parseBoolean(schema: TSchema, text: string): ParsedText {
  const word = text.toLowerCase();
  if (TRUE_WORDS.includes(word)) return { kind: 'ok', value: true };
  if (FALSE_WORDS.includes(word)) return { kind: 'ok', value: false };
  return invalid(schema);
}

/**
 * Turns the text of an environment variable into the kind of value that its schema asks for.
 *
 * @returns the value, not yet checked against the schema's own limits
 */
export function parseText(schema: TSchema, text: string): ParsedText {
  if (IsBoolean(schema)) return parseBoolean(schema, text);
  if (IsInteger(schema) || IsNumber(schema)) {
    return DECIMAL.test(text) ? { kind: 'ok', value: Number(text) } : invalid(schema);
  }
  if (IsArray(schema)) {
    const items = text.split(',').map((item) => item.trim());
    return { kind: 'ok', value: items.filter((item) => item !== '') };
  }
  const words = wordsOf(schema);
  // Case does not matter for words: the old guide writes ENVIRONMENT=PRODUCTION.
  const word = words.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
  if (words.length > 0) return word === undefined ? invalid(schema) : { kind: 'ok', value: word };
  return { kind: 'ok', value: text };
}

function describeRange(schema: TSchema): string {
  const minimum = 'minimum' in schema ? schema.minimum : undefined;
  const maximum = 'maximum' in schema ? schema.maximum : undefined;
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` of at least ${minimum}`;
  return maximum === undefined ? '' : ` of at most ${maximum}`;
}

/**
 * Says in words what a schema allows, for complaints, `--help` and the reference page.
 *
 * @returns the end of a sentence that begins "it must be"
 */
export function describeSchema(schema: TSchema): string {
  if (IsBoolean(schema)) return 'true or false';
  if (IsInteger(schema)) return `a whole number${describeRange(schema)}`;
  if (IsNumber(schema)) return `a number${describeRange(schema)}`;
  if (IsArray(schema)) return 'a list, separated by commas';
  const words = wordsOf(schema);
  if (words.length > 0) return words.join(' or ');
  if ('description' in schema && typeof schema.description === 'string') return schema.description;
  return 'a text';
}
