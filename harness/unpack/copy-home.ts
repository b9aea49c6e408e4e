import {
  chmodSync,
  copyFileSync,
  type Dirent,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { hasErrorCode } from './local-errors.ts';

const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;
const EXECUTABLE_MODE = 0o755;
const ANY_EXECUTE = 0o111;

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
      mkdirSync(to, FOLDER_MODE);
      copyHome(from, to);
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
    // The copy took the mode over too, and the user must be able to change his own files.
    const isExecutable = (statSync(to).mode & ANY_EXECUTE) !== 0;
    chmodSync(to, isExecutable ? EXECUTABLE_MODE : FILE_MODE);
  } catch (error) {
    if (!hasErrorCode(error, 'EACCES')) throw error;
  }
}
