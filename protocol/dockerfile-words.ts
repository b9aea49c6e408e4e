// What the builder, written in Go, takes for space: U+FEFF is none.
const SPACES: ReadonlySet<string> = new Set(
  '\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000',
);

const PLAIN_OPTION = /^--[A-Za-z][A-Za-z0-9-]*(?:=[A-Za-z0-9_.,:;@/+=${}-]*)?$/;

/** A text without space around it, as the builder sees space. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACES.has(text[start] ?? '')) start++;
  while (end > start && SPACES.has(text[end - 1] ?? '')) end--;
  return text.slice(start, end);
}

/** Splits off the words beginning with `--` that stand first; a word `--` ends them. */
export function splitOptions(text: string): { options: string[]; args: string } {
  const options: string[] = [];
  let rest = trimSpace(text);
  while (rest.startsWith('--')) {
    const space = rest.search(/[\t ]/);
    const word = space < 0 ? rest : rest.slice(0, space);
    rest = space < 0 ? '' : trimSpace(rest.slice(space));
    if (word === '--') break;
    options.push(word);
  }
  return { options, args: rest };
}

/** Whether an option means the same to every builder: quotes, escapes and letters beyond ASCII are read differently. */
export function isPlainOption(option: string): boolean {
  return PLAIN_OPTION.test(option);
}

/** An option's name and value; the value is `null` where there is no `=`. */
export function readOption(option: string): { name: string; value: string | null } {
  const equals = option.indexOf('=');
  if (equals < 0) return { name: option.slice(2), value: null };
  return { name: option.slice(2, equals), value: option.slice(equals + 1) };
}

/** Arguments in either form: a JSON list of strings, or words between spaces. */
export function argumentWords(args: string): string[] {
  if (args.startsWith('[')) {
    try {
      const list: unknown = JSON.parse(args);
      if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list;
    } catch {
      // Not JSON: the builder reads it as words then, and so do we.
    }
  }
  return spacedWords(args);
}

/** Words between spaces, quotes being no more than characters. */
export function spacedWords(args: string): string[] {
  return args.split(/[\t ]+/).filter((word) => word !== '');
}

/** Words with quotes and escapes kept, as `ENV` and the shell see them. */
export function quotedWords(args: string, escapeCharacter: string): string[] {
  const words: string[] = [];
  let start = -1;
  let quote = '';
  for (let at = 0; at < args.length; at++) {
    const character = args[at] ?? '';
    if (quote === '' && (character === ' ' || character === '\t')) {
      if (start >= 0) words.push(args.slice(start, at));
      start = -1;
      continue;
    }
    if (start < 0) start = at;
    if (character === escapeCharacter && quote !== "'") at++;
    else if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
  }
  if (start >= 0) words.push(args.slice(start));
  return words;
}

/** Whether the shell would read a heredoc here, whose lines the classic builder takes for instructions. */
export function hasHeredoc(args: string, escapeCharacter: string): boolean {
  return quotedWords(args, escapeCharacter).some((word) => /^\d*<<-?["']?[A-Za-z_]/.test(word));
}
