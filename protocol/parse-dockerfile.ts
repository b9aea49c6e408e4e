import { ERRORS_MAX } from './api-error.ts';
import { isPlainOption, splitOptions, trimSpace } from './dockerfile-words.ts';
import { takeFirst } from './take-first.ts';

/** One instruction of a Dockerfile. */
export interface DockerfileInstruction {
  /** In upper case where it is ASCII; may be none that there is. */
  readonly name: string;
  /** The words beginning with `--` that come first. */
  readonly options: readonly string[];
  /** What follows, continuation lines joined. */
  readonly args: string;
  /** Of its first line, counted from 1. */
  readonly line: number;
}

/** What a line does wrong, or what is worth saying about it. */
export interface DockerfileRemark {
  readonly line: number;
  readonly message: string;
}

/** A Dockerfile as read; with problems it may not be what the engine reads. */
export interface ParsedDockerfile {
  readonly escapeCharacter: string;
  /** Parser directives other than `escape`, which the classic builder takes for comments. */
  readonly ignoredDirectives: readonly { readonly name: string; readonly line: number }[];
  readonly instructions: readonly DockerfileInstruction[];
  readonly problems: readonly DockerfileRemark[];
}

const DIRECTIVE = /^#[\t ]*([A-Za-z][A-Za-z0-9]*)[\t ]*=(.*)$/s;
const ESCAPES: readonly string[] = ['\\', '`'];
const KNOWN_DIRECTIVES: ReadonlySet<string> = new Set(['escape', 'syntax', 'check']);

/**
 * Reads a Dockerfile as the engine's classic builder does, which knows no heredocs. What builders of different age read
 * differently is a problem: a check that reads it one way would say nothing about the other. Any text will do, in time
 * that grows with its length alone.
 *
 * @see https://docs.docker.com/reference/dockerfile/
 */
export function parseDockerfile(contents: string): ParsedDockerfile {
  const problems: DockerfileRemark[] = [];
  const lines = readLines(contents);
  problems.push(...takeFirst(controlCharacters(lines), ERRORS_MAX));
  const { escapeCharacter, ignoredDirectives } = readDirectives(lines, problems);
  const instructions: DockerfileInstruction[] = [];
  for (let start = 0; start < lines.length; ) {
    const { text, next } = joinLines(lines, start, escapeCharacter, problems);
    if (text !== null) instructions.push(readInstruction(text, start + 1, problems));
    start = next;
  }
  return { escapeCharacter, ignoredDirectives, instructions, problems };
}

function readLines(contents: string): string[] {
  const text = contents.startsWith('\ufeff') ? contents.slice(1) : contents;
  return text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

/** At most one for each line. */
function* controlCharacters(lines: readonly string[]): Generator<DockerfileRemark> {
  for (const [index, line] of lines.entries()) {
    const found = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/.exec(line)?.[0];
    if (found === undefined) continue;
    const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    yield { line: index + 1, message: `must not contain control characters, has U+${code}` };
  }
}

/** Directives come first of all: the first line that is none ends them. */
function readDirectives(
  lines: readonly string[],
  problems: DockerfileRemark[],
): Pick<ParsedDockerfile, 'escapeCharacter' | 'ignoredDirectives'> {
  let escapeCharacter = '\\';
  let areOver = false;
  const seen = new Set<string>();
  const ignoredDirectives: { name: string; line: number }[] = [];
  for (const [index, raw] of lines.entries()) {
    const text = trimSpace(raw);
    if (text !== '' && !text.startsWith('#')) break;
    const directive = DIRECTIVE.exec(text);
    const name = directive?.[1]?.toLowerCase() ?? '';
    const value = trimSpace(directive?.[2] ?? '');
    const line = index + 1;
    if (name === 'escape') {
      // Where "check" stands before it, newer builders honour it and older ones do not.
      if (areOver || seen.has('check')) {
        problems.push({ line, message: '"# escape=" has a meaning on the first line only: move it there' });
      } else if (!ESCAPES.includes(value)) {
        problems.push({ line, message: '"# escape=" must be followed by \\ or `' });
      } else escapeCharacter = value;
    } else if (KNOWN_DIRECTIVES.has(name) && !areOver) ignoredDirectives.push({ name, line });
    if (KNOWN_DIRECTIVES.has(name) && !areOver && seen.has(name)) {
      problems.push({ line, message: `"# ${name}=" must be there only once` });
    }
    if (KNOWN_DIRECTIVES.has(name)) seen.add(name);
    else areOver = true;
  }
  return { escapeCharacter, ignoredDirectives };
}

interface JoinedLines {
  /** `null` for a comment or a blank line. */
  readonly text: string | null;
  /** Index of the line after it. */
  readonly next: number;
}

function joinLines(
  lines: readonly string[],
  start: number,
  escapeCharacter: string,
  problems: DockerfileRemark[],
): JoinedLines {
  const parts: string[] = [];
  let next = start;
  for (let isOpen = true; isOpen && next < lines.length; next++) {
    const line = lines[next] ?? '';
    const bare = trimSpace(line);
    if (bare === '' || bare.startsWith('#')) {
      if (next === start) return { text: null, next: next + 1 };
      // Within a continuation, comments and blank lines are skipped.
      continue;
    }
    const kept = withoutContinuation(line, escapeCharacter);
    isOpen = kept !== null;
    if (kept?.endsWith(escapeCharacter)) {
      const message = `must not end with ${escapeCharacter}${escapeCharacter}, which some builders take for a continuation and some do not`;
      problems.push({ line: next + 1, message });
    }
    parts.push(kept ?? line);
  }
  return { text: parts.join(''), next };
}

/** The line without the escape character at its end; `null` where there is none. */
function withoutContinuation(line: string, escapeCharacter: string): string | null {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--;
  return line[end - 1] === escapeCharacter ? line.slice(0, end - 1) : null;
}

function readInstruction(text: string, line: number, problems: DockerfileRemark[]): DockerfileInstruction {
  const trimmed = trimSpace(text);
  const end = trimmed.search(/[\t ]/);
  const name = end < 0 ? trimmed : trimmed.slice(0, end);
  const { options, args } = splitOptions(end < 0 ? '' : trimmed.slice(end));
  if (!options.every(isPlainOption)) {
    problems.push({ line, message: 'options must be written plainly, as --name=value without quotes' });
  }
  // ASCII only: the builder lowers other letters too, and so would take some for those that they look like.
  return { name: /^[A-Za-z]+$/.test(name) ? name.toUpperCase() : name, options, args, line };
}
