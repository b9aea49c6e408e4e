import { cutText } from './api-error.ts';

// Linear: each part ends at the next ESC at the latest, and what would fail at its end may be missing instead.
const TERMINAL_SEQUENCES =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|\u001b\][^\u0007\u001b\n]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]?/g;
const LINE_ENDS = /\r\n?/g;
// Control characters but line feed and tab, and what turns the direction of writing.
const UNSHOWN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Makes of what a program printed a text that may be shown and stored anywhere: colours and other terminal sequences,
 * control characters and overrides of the writing direction are left out, a carriage return becomes a line feed, half of
 * a surrogate pair U+FFFD.
 */
export function plainText(text: string): string {
  return text.replace(TERMINAL_SEQUENCES, '').replace(LINE_ENDS, '\n').replace(UNSHOWN, '').toWellFormed();
}

/**
 * A text from outside for the middle of a sentence: plain, on one line.
 *
 * @param unitsMax most UTF-16 units, an ellipsis included
 */
export function plainLine(text: string, unitsMax: number): string {
  return cutText(plainText(text).replace(/\s+/g, ' ').trim(), unitsMax);
}
