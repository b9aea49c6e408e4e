import { parseDocument } from 'yaml';

/** Longest YAML block that is read, in characters. */
export const YAML_CHARACTERS_MAX = 32 * 1024;
/** Most that one test may weigh: sums stay finite. */
export const WEIGHT_MAX = 1e9;

/** Deepest opening of brackets that is handed to the YAML reader, which is recursive and slow with more. */
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

function parseMapping(yaml: string): object | null {
  if (yaml.length > YAML_CHARACTERS_MAX) return null;
  if ((yaml.match(/[[{]/g)?.length ?? 0) > YAML_BRACKETS_MAX) return null;
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
