import {
  chmodSync,
  closeSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { type Folders, insertFolders } from '@orca/protocol/sandbox-plan';

/** A file with a NUL in this much of its beginning is no text. */
export const TEXT_PROBE_BYTES = 8 * 1024;

const CHUNK_BYTES = 1024 * 1024;

/** The longest variable, `${DOWNLOADED}`, and the character after it that decides. */
const UNDECIDED_CHARACTERS = ['$', '{', 'DOWNLOADED', '}'].join('').length + 1;

/**
 * Replaces the three variables in every regular text file below a folder, byte for byte: what is no valid UTF-8 stays
 * as it is. Links are not followed, and no file is held whole.
 *
 * @param scratch a path on the same disk that is free
 */
export function replacePathsBelow(folder: string, folders: Folders, scratch: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) replacePathsBelow(path, folders, scratch);
    else if (entry.isFile() && isText(path)) replaceInFile(path, folders, scratch);
  }
}

function isText(path: string): boolean {
  const probe = Buffer.alloc(TEXT_PROBE_BYTES);
  const file = openSync(path, 'r');
  try {
    return !probe.subarray(0, readSync(file, probe)).includes(0);
  } finally {
    closeSync(file);
  }
}

function replaceInFile(path: string, folders: Folders, scratch: string): void {
  const hasChanged = writeReplaced(path, scratch, (text) => insertFolders(text, folders));
  if (hasChanged) {
    chmodSync(scratch, statSync(path).mode);
    renameSync(scratch, path);
  } else {
    unlinkSync(scratch);
  }
}

/** @returns whether anything was replaced */
function writeReplaced(from: string, to: string, replace: (text: string) => string): boolean {
  const source = openSync(from, 'r');
  const target = openSync(to, 'w');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let rest = '';
  let hasChanged = false;
  const write = (text: string): void => {
    const replaced = replace(text);
    hasChanged ||= replaced !== text;
    const bytes = Buffer.from(replaced, 'latin1');
    for (let at = 0; at < bytes.length; ) at += writeSync(target, bytes, at);
  };
  try {
    for (let got = readSync(source, chunk); got > 0; got = readSync(source, chunk)) {
      // One character per byte, there and back: the variables and the folders are ASCII.
      const text = rest + chunk.toString('latin1', 0, got);
      const dollar = text.indexOf('$', Math.max(0, text.length - UNDECIDED_CHARACTERS));
      const decided = dollar === -1 ? text.length : dollar;
      write(text.slice(0, decided));
      rest = text.slice(decided);
    }
    write(rest);
  } finally {
    closeSync(source);
    closeSync(target);
  }
  return hasChanged;
}
