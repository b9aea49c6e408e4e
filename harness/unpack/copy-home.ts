import {
  chmodSync,
  copyFileSync,
  type Dirent,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { hasErrorCode } from './local-errors.ts';

// What the image says, without setuid and the like; and the user must be able to change his own files.
const MODE_BITS = 0o777;
const OWN_FOLDER = 0o700;
const OWN_FILE = 0o600;

/**
 * Copies what the image holds in its home into the writable one. What the commands' user may not read, and what is
 * neither file, folder nor link, is left out.
 *
 * @param template need not exist
 * @param home exists and is empty
 * @throws what the file system says when there is no room
 */
export function copyHome(template: string, home: string): void {
  for (const entry of readFolder(template)) {
    const from = `${template}/${entry.name}`;
    const to = `${home}/${entry.name}`;
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
    else if (entry.isFile()) copyReadable(from, to);
    else if (entry.isDirectory()) {
      mkdirSync(to);
      copyHome(from, to);
      chmodSync(to, (statSync(from).mode & MODE_BITS) | OWN_FOLDER);
    }
  }
}

function readFolder(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return [];
    throw error;
  }
}

function copyReadable(from: string, to: string): void {
  try {
    copyFileSync(from, to);
    const { mode, atime, mtime } = statSync(from);
    chmodSync(to, (mode & MODE_BITS) | OWN_FILE);
    // Compiled files name the time of their source.
    utimesSync(to, atime, mtime);
  } catch (error) {
    if (!hasErrorCode(error, 'EACCES')) throw error;
  }
}
