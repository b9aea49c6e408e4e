import Type, { type Static, type TSchema } from 'typebox';
import { cutText, ERRORS_MAX } from './api-error.ts';
import { describeSchema, describeValue } from './describe-schema.ts';
import { explainNumber, explainString } from './explain-scalar.ts';
import { itemPath, type JsonPath, memberPath, SHOWN_CHARACTERS_MAX, sentenceAt } from './json-path.ts';
import { nearestName } from './nearest-name.ts';
import { boundOf, keywordOf } from './schema-keywords.ts';
import { takeFirst } from './take-first.ts';

/** Explains the values of one schema in place of the general walk. */
export type Explainer = (value: unknown, path: JsonPath) => Iterable<string>;

interface Walk {
  /** Schemas that `$ref` names. */
  readonly definitions: Readonly<Record<string, TSchema>>;
  readonly explainers: ReadonlyMap<TSchema, Explainer>;
}

/** Unknown fields of one object that are looked at; a body has room for a hundred thousand. */
const UNKNOWN_FIELDS_MAX = 10;

/**
 * Explains why a value does not fit a schema: lazily, one sentence for each problem, in the order of the schema. Knows
 * the kinds of schemas that this room uses, and the keywords of schema-keywords.ts. Nothing is coerced.
 *
 * Recurses as deep as schema and value together go: a recursive schema needs its own check of depth first.
 *
 * @param explainers stand in for the walk at the schemas that they are listed under
 * @returns sentences that begin with the path of the culprit; none when the value fits
 */
export function* explainMismatch(
  schema: TSchema,
  value: unknown,
  path: JsonPath,
  explainers: ReadonlyMap<TSchema, Explainer> = new Map(),
): Generator<string> {
  yield* explain(schema, value, path, { definitions: {}, explainers });
}

/**
 * Tells whether a value fits a schema, with what `explainMismatch` finds: one walk gives sentences and type. That the
 * walk lets nothing through which TypeBox refuses, a property test says.
 *
 * @param problems gets the sentences, at most `ERRORS_MAX`
 */
export function fitsSchema<S extends TSchema>(
  schema: S,
  value: unknown,
  path: JsonPath,
  problems: string[],
  explainers?: ReadonlyMap<TSchema, Explainer>,
): value is Static<S> {
  const found = takeFirst(explainMismatch(schema, value, path, explainers), ERRORS_MAX);
  problems.push(...found);
  return found.length === 0;
}

/** A JSON object: no list, no null. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mustBe(schema: TSchema, value: unknown, path: JsonPath): string {
  const shown =
    keywordOf(schema, 'x-secret') && typeof value === 'string' ? '' : `, is ${describeValue(value)}`;
  return sentenceAt(path, `must be ${describeSchema(schema)}${shown}`);
}

function* explain(schema: TSchema, value: unknown, path: JsonPath, walk: Walk): Generator<string> {
  const explainer = walk.explainers.get(schema);
  if (explainer) yield* explainer(value, path);
  else if (Type.IsCyclic(schema)) {
    yield* explain(Type.Ref(schema.$ref), value, path, { ...walk, definitions: schema.$defs });
  } else if (Type.IsRef(schema)) yield* explain(resolve(schema, walk), value, path, walk);
  else if (Type.IsUnion(schema)) yield* explainUnion(schema.anyOf, schema, value, path, walk);
  else if (Type.IsRecord(schema)) yield* explainRecord(schema, value, path, walk);
  else if (Type.IsObject(schema)) yield* explainObject(schema, value, path, walk);
  else if (Type.IsArray(schema)) yield* explainArray(schema, value, path, walk);
  else if (Type.IsString(schema)) yield* explainString(schema, value, path);
  else if (Type.IsNumber(schema) || Type.IsInteger(schema)) yield* explainNumber(schema, value, path);
  else if (Type.IsBoolean(schema)) {
    if (typeof value !== 'boolean') yield mustBe(schema, value, path);
  } else if (Type.IsLiteral(schema)) {
    if (value !== schema.const) yield mustBe(schema, value, path);
  } else
    throw new TypeError(
      `Cannot explain "${path.text}": its schema is of a kind that explain-mismatch.ts does not know`,
    );
}

function resolve(schema: TSchema, walk: Walk): TSchema {
  if (Type.IsCyclic(schema)) return resolve(Type.Ref(schema.$ref), { ...walk, definitions: schema.$defs });
  if (!Type.IsRef(schema)) return schema;
  const found = walk.definitions[schema.$ref];
  if (!found) throw new TypeError(`Cannot resolve "${schema.$ref}": no such definition`);
  return found;
}

function accepts(schema: TSchema, value: unknown): boolean {
  if (Type.IsString(schema)) return typeof value === 'string';
  if (Type.IsNumber(schema) || Type.IsInteger(schema)) return typeof value === 'number';
  if (Type.IsArray(schema)) return Array.isArray(value);
  if (Type.IsObject(schema)) return isJsonObject(value);
  if (Type.IsLiteral(schema)) return value === schema.const;
  return false;
}

/** How well an object fits one of several kinds of objects: what it must have counts most. */
function kinship(schema: TSchema, value: unknown): number {
  if (!Type.IsObject(schema) || !isJsonObject(value)) return 1;
  const known = Object.keys(schema.properties).filter((name) => Object.hasOwn(value, name)).length;
  const hasRequired = schema.required?.every((name) => Object.hasOwn(value, name));
  return known + (hasRequired ? Object.keys(schema.properties).length : 0);
}

/** Of the branches, only the one that was meant speaks: the noise of the others helps nobody. */
function* explainUnion(
  branches: readonly TSchema[],
  union: TSchema,
  value: unknown,
  path: JsonPath,
  walk: Walk,
): Generator<string> {
  const meant = branches
    .map((branch) => resolve(branch, walk))
    .filter((branch) => accepts(branch, value))
    .map((branch) => ({ branch, kinship: kinship(branch, value) }))
    .sort((one, other) => other.kinship - one.kinship);
  const [first, second] = meant;
  if (!first || first.kinship === 0 || first.kinship === second?.kinship) yield mustBe(union, value, path);
  else yield* explain(first.branch, value, path, walk);
}

function* explainArray(schema: Type.TArray, value: unknown, path: JsonPath, walk: Walk): Generator<string> {
  if (!Array.isArray(value)) return yield mustBe(schema, value, path);
  const least = boundOf(schema, 'minItems') ?? 0;
  const most = boundOf(schema, 'maxItems') ?? Number.POSITIVE_INFINITY;
  if (value.length < least || value.length > most) {
    const length = value.length === 0 ? 'is empty' : `has ${value.length}`;
    return yield sentenceAt(path, `must be ${describeSchema(schema)}, ${length}`);
  }
  for (const [index, item] of value.entries())
    yield* explain(schema.items, item, itemPath(path, index), walk);
}

/** As a name it would reach the prototype of objects that are made from it. */
const PROTO = '__proto__';

function* explainRecord(schema: Type.TRecord, value: unknown, path: JsonPath, walk: Walk): Generator<string> {
  if (!isJsonObject(value)) return yield mustBe(schema, value, path);
  const most = boundOf(schema, 'maxProperties') ?? Number.POSITIVE_INFINITY;
  const names = Object.keys(value);
  if (names.length > most) {
    return yield sentenceAt(path, `must have at most ${most} entries, has ${names.length}`);
  }
  for (const name of names) {
    const place = memberPath(path, name);
    if (name === PROTO) yield sentenceAt(place, `must have another name than "${PROTO}"`);
    else {
      yield* explainName(keywordOf(schema, 'propertyNames'), name, place);
      yield* explain(Type.RecordValue(schema), value[name], place, walk);
    }
  }
}

function* explainName(names: unknown, name: string, path: JsonPath): Generator<string> {
  if (!Type.IsString(names)) return;
  const [problem] = explainString(names, name, path);
  if (problem === undefined) return;
  const isStorable = name.isWellFormed() && !name.includes('\0');
  const allowed = isStorable ? describeSchema(names) : 'Unicode without NUL';
  yield sentenceAt(path, `its name must be ${allowed}`);
}

function* explainObject(schema: Type.TObject, value: unknown, path: JsonPath, walk: Walk): Generator<string> {
  if (!isJsonObject(value)) return yield mustBe(schema, value, path);
  const known = Object.keys(schema.properties);
  const misspelt = new Set<string>();
  if (keywordOf(schema, 'additionalProperties') === false) {
    const unknown = Object.keys(value).filter((name) => !Object.hasOwn(schema.properties, name));
    const missing = known.filter((name) => !Object.hasOwn(value, name));
    for (const name of unknown.slice(0, UNKNOWN_FIELDS_MAX)) {
      // A missing field is the likelier one: then its absence is the same mistake, and is not told again.
      const meant = nearestName(name, missing) ?? nearestName(name, known);
      if (meant !== null) misspelt.add(meant);
      const hint = meant === null ? `; known are ${known.join(', ')}` : `; did you mean "${meant}"?`;
      yield sentenceAt(
        memberPath(path, name),
        `unknown field "${cutText(name, SHOWN_CHARACTERS_MAX)}"${hint}`,
      );
    }
  }
  for (const [name, property] of Object.entries(schema.properties)) {
    const place = memberPath(path, name);
    if (Object.hasOwn(value, name) && value[name] !== undefined)
      yield* explain(property, value[name], place, walk);
    else if (schema.required?.includes(name) && !misspelt.has(name)) {
      yield sentenceAt(place, `is missing; must be ${describeSchema(resolve(property, walk))}`);
    }
  }
}
