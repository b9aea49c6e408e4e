import Type, { type TSchema } from 'typebox';
import { cutText } from './api-error.ts';
import { SHOWN_CHARACTERS_MAX } from './json-path.ts';
import { boundOf, textOf } from './schema-keywords.ts';

function describeBounds(least: number | undefined, most: number | undefined, unit: string): string {
  if (least !== undefined && most !== undefined) return ` of ${least} to ${most}${unit}`;
  if (least !== undefined) return ` of at least ${least}${unit}`;
  if (most !== undefined) return ` of at most ${most}${unit}`;
  return '';
}

function describeNumber(schema: TSchema, noun: string): string {
  const above = boundOf(schema, 'exclusiveMinimum');
  if (above !== undefined) return `${noun} above ${above}`;
  const most = boundOf(schema, 'maximum');
  // MAX_SAFE_INTEGER only keeps out what JSON numbers cannot hold exactly; nobody needs to read it.
  const shownMost = most === Number.MAX_SAFE_INTEGER ? undefined : most;
  return `${noun}${describeBounds(boundOf(schema, 'minimum'), shownMost, '')}`;
}

function describeString(schema: TSchema): string {
  const least = boundOf(schema, 'minLength');
  const bytes = boundOf(schema, 'x-max-bytes');
  if (bytes !== undefined) return `a string${describeBounds(least, bytes, ' bytes')}`;
  return `a string${describeBounds(least, boundOf(schema, 'maxLength'), ' characters')}`;
}

/**
 * Says in words what a schema allows.
 *
 * @returns a phrase that completes "must be …"
 */
export function describeSchema(schema: TSchema): string {
  const allowed = textOf(schema, 'x-allowed');
  if (allowed !== undefined) return allowed;
  if (Type.IsString(schema)) return describeString(schema);
  if (Type.IsInteger(schema)) return describeNumber(schema, 'an integer');
  if (Type.IsNumber(schema)) return describeNumber(schema, 'a finite number');
  if (Type.IsBoolean(schema)) return 'true or false';
  if (Type.IsLiteral(schema)) return JSON.stringify(schema.const);
  if (Type.IsArray(schema))
    return `a list${describeBounds(boundOf(schema, 'minItems'), boundOf(schema, 'maxItems'), ' items')}`;
  if (Type.IsUnion(schema)) {
    const words = schema.anyOf.map(describeSchema);
    return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
  }
  if (Type.IsRecord(schema)) return 'an object of names and values';
  return 'an object';
}

/**
 * Says in words what a value is, cut to what a sentence bears.
 *
 * @returns a phrase that completes "is …"; texts and numbers as JSON, anything larger by its kind
 */
export function describeValue(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  switch (typeof value) {
    case 'string':
      return value === '' ? 'empty' : `the string ${JSON.stringify(cutText(value, SHOWN_CHARACTERS_MAX))}`;
    case 'number':
      return Number.isFinite(value) ? String(value) : 'too large a number';
    case 'object':
      return 'an object';
    default:
      return String(value);
  }
}
