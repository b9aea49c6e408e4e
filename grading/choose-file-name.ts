/** Longest name that is taken over from a URL, in bytes; file systems end at 255, and unpacking may add to it. */
export const FILE_NAME_BYTES_MAX = 200;

/** What a file is called whose URL names none. */
export const NAMELESS_FILE = 'file';

// Separators, control characters, and the marks that turn text around on a terminal.
const UNSAFE_CHARACTERS = /[/\\\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
const EXTENSION = /\.[A-Za-z0-9]{1,8}(\.[A-Za-z0-9]{1,8})?$/;

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Not valid percent-encoding: the name as it stands is as good as any.
    return part;
  }
}

/** The longest beginning of a text that fits, never half a character. */
function fitBytes(text: string, bytesMax: number): string {
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > bytesMax) break;
    kept += character;
  }
  return kept;
}

/**
 * Chooses the name under which a fetched file is kept: the last, URL-decoded part of the URL's path, made safe.
 *
 * @param url an http(s) URL; its query and fragment never count
 * @returns one path component: never empty, `.` or `..`, no separators or control characters, at most
 *   {@link FILE_NAME_BYTES_MAX} bytes (cut before its extension), well-formed Unicode
 */
export function chooseFileName(url: string): string {
  const path = URL.parse(url)?.pathname ?? '';
  const name = decode(path.slice(path.lastIndexOf('/') + 1))
    .toWellFormed()
    .replace(UNSAFE_CHARACTERS, '_');
  if (name === '' || name === '.' || name === '..') return NAMELESS_FILE;
  if (Buffer.byteLength(name) <= FILE_NAME_BYTES_MAX) return name;
  const extension = EXTENSION.exec(name)?.[0] ?? '';
  return fitBytes(name, FILE_NAME_BYTES_MAX - extension.length) + extension;
}
