import { cutText, ERROR_CHARACTERS_MAX } from './api-error.ts';

/** A place in a JSON value, with the places around it. */
export interface JsonPath {
  /** As people write it: `files.student.url`, `script[2].on_fail[0]`, `metadata_table["due date"]`. */
  readonly text: string;
  readonly parent: JsonPath | null;
}

/** Most characters of an offending name or value in a sentence. */
export const SHOWN_CHARACTERS_MAX = 80;

/** Most characters of the path in a sentence; a longer one is said by the place around it. */
const PATH_CHARACTERS_MAX = 160;

const PLAIN_NAME = /^[A-Za-z_$][\w$-]{0,79}$/;

/** What a sentence calls the value as a whole, where it has no name. */
const WHOLE = 'body';

/**
 * The place where a value begins.
 *
 * @param text how the value is called; empty when its members are called by their own names
 */
export function rootPath(text: string): JsonPath {
  return { text, parent: null };
}

/** The place of an object's member. */
export function memberPath(parent: JsonPath, name: string): JsonPath {
  if (!PLAIN_NAME.test(name)) {
    return { text: `${parent.text}[${JSON.stringify(cutText(name, SHOWN_CHARACTERS_MAX))}]`, parent };
  }
  return { text: parent.text === '' ? name : `${parent.text}.${name}`, parent };
}

/** The place of a list's item. */
export function itemPath(parent: JsonPath, index: number): JsonPath {
  return { text: `${parent.text}[${index}]`, parent };
}

/**
 * A sentence about a place. A path too long to leave room for the message is told by the nearest place around it that is
 * short enough, followed by an ellipsis: what stands there exists in any case.
 *
 * @returns `path: message`, at most `ERROR_CHARACTERS_MAX` long
 */
export function sentenceAt(path: JsonPath, message: string): string {
  let shown = path;
  while (shown.text.length > PATH_CHARACTERS_MAX && shown.parent) shown = shown.parent;
  const mark = shown === path ? '' : '…';
  return cutText(`${shown.text === '' ? WHOLE : shown.text}${mark}: ${message}`, ERROR_CHARACTERS_MAX);
}
