import { Lexer, parseDocument } from 'yaml';

/** Longest YAML block that is read, in characters. */
export const YAML_CHARACTERS_MAX = 32 * 1024;
/** Most that one test may weigh: sums stay finite. */
export const WEIGHT_MAX = 1e9;

/** Most brackets that are handed to the YAML reader, which is recursive and slow with more. */
const YAML_BRACKETS_MAX = 256;

/** What the YAML block below a test says, as far as it is understood. */
export interface TapDetails {
  readonly weight?: number;
  readonly message?: string;
  readonly output?: string;
  readonly file?: string;
  readonly line?: number;
  readonly category?: string;
  readonly severity?: string;
  readonly durationMs?: number;
  /** Its points count as neither won nor lost. */
  readonly suppressed?: boolean;
}

/** Fields that hold a text, or anything else that is shown as JSON. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  return JSON.stringify(value);
}

function numberOf(value: unknown, most: number): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= most ? value : undefined;
}

/** `header` and `stack` are Bottlenose's, `expected` and `actual` those of most other producers. */
function outputOf(field: (name: string) => unknown): string | undefined {
  const stack = field('stack');
  const lines = [textOf(field('header')), ...(Array.isArray(stack) ? stack.map(textOf) : [textOf(stack)])];
  for (const name of ['expected', 'actual']) {
    const shown = textOf(field(name));
    if (shown !== undefined) lines.push(`${name}: ${shown}`);
  }
  const output = lines.filter((line) => line !== undefined).join('\n');
  return output === '' ? undefined : output;
}

/**
 * Whether a block is not even tried, since reading it could take too long. Linear.
 *
 * @param yaml as {@link readTapDetails} takes it
 */
export function isTooMuchYaml(yaml: string): boolean {
  if (yaml.length > YAML_CHARACTERS_MAX) return true;
  const brackets = yaml.match(/[[{]/g)?.length ?? 0;
  return brackets > YAML_BRACKETS_MAX && opensTooMany(yaml);
}

/** Those in quotes open nothing. What is in quotes only the reader's own lexer can tell, which is linear. */
function opensTooMany(yaml: string): boolean {
  let opened = 0;
  for (const token of new Lexer().lex(yaml)) {
    if (token === '[' || token === '{') opened += 1;
    if (opened > YAML_BRACKETS_MAX) return true;
  }
  return false;
}

function parseMapping(yaml: string): object | null {
  if (isTooMuchYaml(yaml)) return null;
  try {
    const document = parseDocument(yaml, { logLevel: 'silent', schema: 'core', uniqueKeys: false });
    // Without aliases a small block stays small.
    const value: unknown = document.errors.length > 0 ? null : document.toJS({ maxAliasCount: 0 });
    return typeof value === 'object' ? value : null;
  } catch {
    // Aliases, and nesting too deep for the stack: as unreadable as a syntax error.
    return null;
  }
}

/**
 * Reads the YAML block below a test: weight, message, stack and their like. Never throws.
 *
 * @param yaml the lines between `---` and `...`, without their indentation
 * @returns what was understood; `null` when the block is no YAML mapping, too large, or uses aliases
 */
export function readTapDetails(yaml: string): TapDetails | null {
  const mapping = parseMapping(yaml);
  if (mapping === null) return null;
  const field = (name: string): unknown =>
    Object.hasOwn(mapping, name) ? Reflect.get(mapping, name) : undefined;
  const suppressed = field('suppressed');
  const line = numberOf(field('line'), Number.MAX_SAFE_INTEGER);
  const details = {
    weight: numberOf(field('weight'), WEIGHT_MAX),
    message: textOf(field('message') ?? field('error')),
    output: outputOf(field),
    file: textOf(field('filename') ?? field('file')),
    line: Number.isInteger(line) ? line : undefined,
    category: textOf(field('category')),
    severity: textOf(field('severity')),
    durationMs: numberOf(field('duration_ms'), Number.MAX_SAFE_INTEGER),
    suppressed: suppressed === true || suppressed === 'true',
  };
  return details;
}

/** Digits are counted, so that a number of a million of them takes no time. */
const WEIGHT = /^["']?weight["']?:[ \t]+(\d{1,10}(?:\.\d{1,30})?(?:[eE][-+]?\d{1,3})?)[ \t]*(?:#.*)?$/m;
const SUPPRESSED = /^["']?suppressed["']?:[ \t]+["']?true["']?[ \t]*(?:#.*)?$/m;

/**
 * Finds what points depend on in a block that cannot be read as a whole: the first `weight` and `suppressed` that stand at
 * the margin, each on a line of its own. Linear in the text.
 *
 * @param yaml as {@link readTapDetails} takes it
 */
export function readScoredFields(yaml: string): Pick<TapDetails, 'weight' | 'suppressed'> {
  const weight = numberOf(Number(WEIGHT.exec(yaml)?.[1] ?? Number.NaN), WEIGHT_MAX);
  return { ...(weight === undefined ? {} : { weight }), suppressed: SUPPRESSED.test(yaml) };
}
