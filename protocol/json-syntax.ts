/** Where a text stops being JSON, and what is wrong there. Line and column count from 1, columns in characters. */
export interface JsonSyntaxError {
  readonly line: number;
  readonly column: number;
  /** Such as `expected "," or "}"`. */
  readonly message: string;
}

type Expected = 'value' | 'value or ]' | 'name' | 'name or }' | 'colon' | 'comma or end' | 'end';

const MESSAGES = {
  value: 'expected a value',
  'value or ]': 'expected a value or "]"',
  name: 'expected a name in double quotes',
  'name or }': 'expected a name in double quotes or "}"',
  colon: 'expected ":"',
  'comma or end': 'expected "," or the end of the list or object',
  end: 'expected nothing more',
} as const satisfies Record<Expected, string>;

const BLANKS = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"/y;
/** The longest beginning of a string that is right: what follows is its mistake. */
const STRING_START = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*/y;
const NUMBER_OR_WORD = /(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)(?![\w.+-])/y;

/** The length of what a sticky pattern finds at a place, or `null`. */
function lengthAt(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? null;
}

/**
 * Finds the place at which a text breaks the grammar of JSON: engines name it for some mistakes only. Walks the text
 * once, without recursion.
 *
 * @returns `null` for JSON
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export function findJsonError(text: string): JsonSyntaxError | null {
  const open: ('list' | 'object')[] = [];
  let expected: Expected = 'value';
  let at = 0;
  const afterValue = (): Expected => (open.length === 0 ? 'end' : 'comma or end');
  for (;;) {
    at += lengthAt(BLANKS, text, at) ?? 0;
    if (at >= text.length)
      return expected === 'end' ? null : locate(text, at, `the text ends, ${MESSAGES[expected]}`);
    const character = text.charAt(at);
    const isName: boolean = expected === 'name' || expected === 'name or }';
    const isValue = expected === 'value' || expected === 'value or ]';
    if (character === '"' && (isName || isValue)) {
      const length = lengthAt(STRING, text, at);
      if (length === null) return explainString(text, at);
      at += length;
      expected = isName ? 'colon' : afterValue();
      continue;
    }
    const word = isValue ? lengthAt(NUMBER_OR_WORD, text, at) : null;
    if (word !== null) {
      at += word;
      expected = afterValue();
      continue;
    }
    const next = step(character, expected, open);
    if (next === null) return locate(text, at, explain(character, expected, open));
    expected = next;
    at += 1;
  }
}

/** Takes one mark of structure. @returns what may follow; `null` when it may not stand here */
function step(character: string, expected: Expected, open: ('list' | 'object')[]): Expected | null {
  const isValue = expected === 'value' || expected === 'value or ]';
  const inside = open.at(-1);
  if (character === '{' && isValue) {
    open.push('object');
    return 'name or }';
  }
  if (character === '[' && isValue) {
    open.push('list');
    return 'value or ]';
  }
  if (character === ':' && expected === 'colon') return 'value';
  if (character === ',' && expected === 'comma or end') return inside === 'object' ? 'name' : 'value';
  const closesObject =
    character === '}' && inside === 'object' && ['name or }', 'comma or end'].includes(expected);
  const closesList =
    character === ']' && inside === 'list' && ['value or ]', 'comma or end'].includes(expected);
  if (!closesObject && !closesList) return null;
  open.pop();
  return open.length === 0 ? 'end' : 'comma or end';
}

function explain(character: string, expected: Expected, open: readonly ('list' | 'object')[]): string {
  if (character === "'") return 'texts stand in double quotes';
  if (character === '/' || character === '#') return 'JSON has no comments';
  const isComma = (character === '}' || character === ']') && (expected === 'name' || expected === 'value');
  if (isComma) return `no comma may stand before "${character}"`;
  if (expected === 'comma or end') return `expected "," or "${open.at(-1) === 'list' ? ']' : '}'}"`;
  return MESSAGES[expected];
}

function explainString(text: string, start: number): JsonSyntaxError {
  const at = start + (lengthAt(STRING_START, text, start) ?? 0);
  if (at >= text.length) return locate(text, start, 'this text has no closing quote');
  if (text.charAt(at) === '\\')
    return locate(text, at, 'there is no such escape; a backslash itself is "\\\\"');
  const isBreak = text.charAt(at) === '\n' || text.charAt(at) === '\r';
  return locate(
    text,
    at,
    isBreak
      ? 'a line break in a text is written "\\n"'
      : 'a control character in a text is written "\\u00XX"',
  );
}

function locate(text: string, at: number, message: string): JsonSyntaxError {
  const before = text.slice(0, at).split(/\r\n|\n|\r/);
  const column = [...(before.at(-1) ?? '')].length + 1;
  return { line: before.length, column, message };
}
