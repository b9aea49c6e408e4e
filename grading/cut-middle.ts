/** Of what is kept, the share that is kept of the beginning: the harness keeps 768 of 1,024 KiB likewise. */
const HEAD_SHARE = 0.75;

/** Room for the line that says what was cut. */
const NOTE_BYTES = 160;

/** How many bytes one UTF-16 code unit takes in JSON; a surrogate pair takes twice two. */
function unitBytes(unit: number): number {
  if (unit === 0x22 || unit === 0x5c) return 2;
  if (unit < 0x20) return [0x08, 0x09, 0x0a, 0x0c, 0x0d].includes(unit) ? 2 : 6;
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return isSurrogate(unit) ? 2 : 3;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/**
 * The bytes that a text takes inside a JSON string, without the quotes.
 *
 * @param text well-formed Unicode
 */
export function jsonBytes(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) bytes += unitBytes(text.charCodeAt(index));
  return bytes;
}

/** Where the longest beginning ends that takes at most so many bytes, never within a character. */
function headEnd(text: string, bytesMax: number): number {
  let bytes = 0;
  let index = 0;
  while (index < text.length) {
    const width = isHighSurrogate(text.charCodeAt(index)) ? 2 : 1;
    bytes += width === 2 ? 4 : unitBytes(text.charCodeAt(index));
    if (bytes > bytesMax) break;
    index += width;
  }
  return index;
}

/** Where the longest end begins that takes at most so many bytes, never within a character. */
function tailStart(text: string, bytesMax: number): number {
  let bytes = 0;
  let index = text.length;
  while (index > 0) {
    const width = isSurrogate(text.charCodeAt(index - 1)) ? 2 : 1;
    bytes += width === 2 ? 4 : unitBytes(text.charCodeAt(index - 1));
    if (bytes > bytesMax) break;
    index -= width;
  }
  return index;
}

/**
 * Cuts a text in its middle so that it takes at most so many bytes in JSON, with a note that says how much went: on a line of its own, which the
 * end of the one that was cut goes on, so that this is no line which a report's reader takes for something.
 *
 * @param text well-formed Unicode
 * @param why what the line says of it
 * @returns the text itself where it fits; '' where not even the line does
 */
export function cutMiddle(
  text: string,
  jsonBytesMax: number,
  why = 'because a result may have no more than 8 MiB',
): string {
  const bytes = jsonBytes(text);
  if (bytes <= jsonBytesMax) return text;
  const room = jsonBytesMax - NOTE_BYTES;
  if (room < 0) return '';
  const head = text.slice(0, headEnd(text, room * HEAD_SHARE));
  const tail = text.slice(tailStart(text, room * (1 - HEAD_SHARE)));
  const dropped = Buffer.byteLength(text) - Buffer.byteLength(head) - Buffer.byteLength(tail);
  return `${head}\n[Orca: ${dropped} bytes were cut here, ${why}] ${tail}`;
}
