/** Absolute paths of a job's three folders. */
export interface Folders {
  readonly downloaded: string;
  readonly extracted: string;
  readonly build: string;
}

const FOLDER_OF_VARIABLE = { DOWNLOADED: 'downloaded', EXTRACTED: 'extracted', BUILD: 'build' } as const;

const VARIABLE = /\$(?:\{(DOWNLOADED|EXTRACTED|BUILD)\}|(DOWNLOADED|EXTRACTED|BUILD))(?![A-Za-z0-9_])/g;

const VARIABLES = ['DOWNLOADED', 'EXTRACTED', 'BUILD'] as const;

/** `RegExp.escape` is not in ES2024, the library that we compile against. */
function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function folderNamed(name: string, folders: Folders): string | undefined {
  const variable = VARIABLES.find((known) => known === name);
  return variable && folders[FOLDER_OF_VARIABLE[variable]];
}

/**
 * Replaces `$DOWNLOADED`, `$EXTRACTED` and `$BUILD`, also written `${BUILD}`, by the folders' absolute paths, wherever
 * no letter, digit or underscore follows. What is inserted is not looked at again.
 */
export function insertFolders(text: string, folders: Folders): string {
  return text.replace(VARIABLE, (whole, braced, plain) => folderNamed(braced ?? plain, folders) ?? whole);
}

/**
 * Replaces the folders' absolute paths by `$DOWNLOADED`, `$EXTRACTED` and `$BUILD`: the longest first, wherever no
 * letter, digit, `_`, `-` or `.` follows. One pass, so the time grows with the text alone.
 */
export function hideFolders(text: string, folders: Folders): string {
  const byPath = new Map(VARIABLES.map((name) => [folders[FOLDER_OF_VARIABLE[name]], `$${name}`]));
  byPath.delete('');
  if (byPath.size === 0) return text;
  const paths = [...byPath.keys()].sort((one, other) => other.length - one.length);
  const path = new RegExp(`(?:${paths.map((each) => escapePattern(each)).join('|')})(?![A-Za-z0-9_.-])`, 'g');
  return text.replace(path, (found) => byPath.get(found) ?? found);
}
