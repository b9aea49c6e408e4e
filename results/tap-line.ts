/** What the reader makes of one line at the margin of its document. */
export type TapLine =
  | { readonly kind: 'version'; readonly version: number }
  /** `reason`: what stands behind a `#`; of `1..0`, why all is skipped; '' where nothing does. */
  | { readonly kind: 'plan'; readonly count: number; readonly reason: string }
  | TapTestLine
  | { readonly kind: 'bail_out'; readonly reason: string }
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'other' };

/** A test point. */
export interface TapTestLine {
  readonly kind: 'test';
  readonly isOk: boolean;
  /** As printed; `null` where the reader has to count. */
  readonly number: number | null;
  readonly name: string;
  readonly directive: TapDirective | null;
}

/** Says that a failure is none. */
interface TapDirective {
  readonly kind: 'skip' | 'todo';
  readonly reason: string;
}

const VERSION = /^TAP version (\d{1,4})$/;
/** Nine digits: what is larger is no plan but a mistake. */
const PLAN = /^1\.\.(\d{1,9})(?:\s*#(.*))?$/;
/** Any blanks behind `not`: a failed test that is passed over wins points where there is no plan. */
const TEST = /^(not\s+)?ok(?=\s|$)/;
const NUMBER = /^\s*(\d+)(?=[\s-]|$)/;
const DASH = /^\s*-\s/;
const BAIL_OUT = /^bail out!/i;
/** Sticky, and tried only behind a `#`: the two runs of blanks of one `#` end at the next, so all is linear. */
const DIRECTIVE = /\s*(skip|todo)\S*(?:\s+|$)/iy;

/** Where an unescaped `#` after a blank (or at the start) begins a directive. */
function findDirective(text: string): { start: number; directive: TapDirective } | null {
  for (let at = text.indexOf('#'); at >= 0; at = text.indexOf('#', at + 1)) {
    if (at > 0 && !/\s/.test(text.charAt(at - 1))) continue;
    DIRECTIVE.lastIndex = at + 1;
    const [whole, word] = DIRECTIVE.exec(text) ?? [];
    if (whole === undefined || word === undefined) continue;
    const reason = unescapeText(text.slice(at + 1 + whole.length).trim());
    return { start: at, directive: { kind: word.toLowerCase() === 'skip' ? 'skip' : 'todo', reason } };
  }
  return null;
}

/** `\#` and `\\` are the only escapes. */
function unescapeText(text: string): string {
  return text.replace(/\\([\\#])/g, '$1');
}

function readTest(line: string, prefix: RegExpExecArray): TapTestLine {
  const afterOk = line.slice(prefix[0].length);
  const numbered = NUMBER.exec(afterOk);
  const afterNumber = numbered ? afterOk.slice(numbered[0].length) : afterOk;
  const description = ` ${afterNumber}`.replace(DASH, '').trim();
  const found = findDirective(description);
  return {
    kind: 'test',
    isOk: prefix[1] === undefined,
    number: numbered ? Number(numbered[1]) : null,
    name: unescapeText((found ? description.slice(0, found.start) : description).trim()),
    directive: found?.directive ?? null,
  };
}

/**
 * Reads one line of TAP 13 or 14, without its indentation. `ok` and `not ok` are told by case, directives are not.
 *
 * @param line without its line end
 * @returns `other` for what is none of TAP's lines: no failure, says the specification
 * @see https://testanything.org/tap-version-14-specification.html
 */
export function readTapLine(line: string): TapLine {
  const text = line.trimEnd();
  const test = TEST.exec(text);
  if (test) return readTest(text, test);
  if (text.startsWith('#')) return { kind: 'comment', text: text.slice(1).trim() };
  const plan = PLAN.exec(text);
  if (plan) return { kind: 'plan', count: Number(plan[1]), reason: plan[2]?.trim() ?? '' };
  const version = VERSION.exec(text);
  if (version) return { kind: 'version', version: Number(version[1]) };
  const bailOut = BAIL_OUT.exec(text);
  if (bailOut) return { kind: 'bail_out', reason: text.slice(bailOut[0].length).trim() };
  return { kind: 'other' };
}
