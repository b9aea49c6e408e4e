/** A regular expression in a program's text. */
export interface WrittenPattern {
  readonly line: number;
  readonly pattern: RegExp;
}

/** A pattern begins where a value may begin: after one of these, or after one of these words. */
const BEFORE_VALUE = /[(,=:[!&|?{};+<>%*~^-]$|(?:^|[^\w$.])(?:return|case|typeof|of|in|await|yield)$|^$/;
const PATTERN = /\/((?:[^\\/[\n]|\\.|\[(?:[^\\\]\n]|\\.)*\])+)\/([a-z]*)/y;
const COMMENT_OR_STRING = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/y;
/** From its beginning, or from the end of an insertion, to its end or to the next insertion. */
const TEMPLATE = /[`}](?:[^\\`$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{)/y;
/** As schemas have them. */
const NAMED = /_PATTERN\s*=\s*'((?:[^'\\\n]|\\.)*)'/g;

/**
 * Finds the regular expressions in a text of TypeScript: the literals, and the constants that are called a pattern.
 * A reading of the text without a parser, which knows comments, strings and templates.
 */
export function readPatterns(source: string): WrittenPattern[] {
  const found: WrittenPattern[] = [];
  const note = (at: number, pattern: RegExp): void =>
    void found.push({ line: source.slice(0, at).split('\n').length, pattern });
  let before = '';
  // How many braces are open in each template that the program text here stands in.
  const open: number[] = [];
  for (let at = 0; at < source.length; ) {
    const isBack = source[at] === '}' && open.at(-1) === 0;
    const template = isBack || source[at] === '`' ? matchAt(TEMPLATE, source, at) : null;
    if (template !== null) {
      if (isBack) open.pop();
      if (template[0].endsWith('${')) open.push(0);
      before = template[0].endsWith('${') ? '(' : '"';
      at += template[0].length;
      continue;
    }
    const depth = open.pop();
    if (depth !== undefined) open.push(depth + (source[at] === '{' ? 1 : source[at] === '}' ? -1 : 0));
    const skipped = matchAt(COMMENT_OR_STRING, source, at);
    const literal = skipped === null && BEFORE_VALUE.test(before) ? matchAt(PATTERN, source, at) : null;
    if (skipped !== null) {
      if (!skipped[0].startsWith('/')) before = '"';
      at += skipped[0].length;
    } else if (literal !== null) {
      note(at, new RegExp(literal[1] ?? '', literal[2]));
      before = '/';
      at += literal[0].length;
    } else {
      const character = source[at] ?? '';
      // The words that may stand before a value have at most six letters.
      if (/\S/.test(character)) before = (before + character).slice(-8);
      at += 1;
    }
  }
  for (const named of source.matchAll(NAMED))
    note(named.index, new RegExp((named[1] ?? '').replaceAll('\\\\', '\\'), 'u'));
  return found;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
