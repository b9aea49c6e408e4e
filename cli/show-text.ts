/** What a line break in a command looks like in a picture of one line. */
const BREAK_MARK = ' ↵ ';

// Control characters, the marks that turn text around, what takes no room, and halves of characters.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

// Approximate, as terminals are: the wide scripts of East Asia, and pictures.
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/**
 * Makes a text fit to be shown on one line: line breaks become a mark, and nothing is left that moves a cursor, turns
 * text around or cannot be seen.
 */
export function showText(text: string): string {
  return escapeInvisible(text.replace(/\r\n|\r|\n/g, BREAK_MARK).replaceAll('\t', ' '));
}

/** Makes the lines of a program's output fit to be shown: as `showText` does, each for itself, and with tabs. */
export function showLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/).map((line) => line.split('\t').map(escapeInvisible).join('\t'));
}

function escapeInvisible(text: string): string {
  return text.replace(INVISIBLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** How many columns of a terminal a text takes that `showText` has passed. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += columnsOfOne(character);
  return columns;
}

/**
 * Cuts a text to so many columns, an ellipsis included.
 *
 * @param columnsMax at least 1
 */
export function cutColumns(text: string, columnsMax: number): string {
  if (columnsOf(text) <= columnsMax) return text;
  let kept = '';
  let columns = 1;
  for (const character of text) {
    columns += columnsOfOne(character);
    if (columns > columnsMax) break;
    kept += character;
  }
  return `${kept}…`;
}

function columnsOfOne(character: string): number {
  if (/^\p{M}$/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
