import { execFile } from 'node:child_process';
import { chmodSync, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { ArchiveError, showName } from './archive-error.ts';
import type { Budget } from './extraction.ts';
import { parseListing, type SevenZipEntry } from './list-seven-zip.ts';
import { checkLinkTarget, checkPath } from './safe-path.ts';

const FILE_MODE = 0o644;
const EXECUTABLE_MODE = 0o755;
const FOLDER_MODE = 0o755;
const ANY_EXECUTE = 0o111;

/** What a listing of the most entries, with the longest sensible paths, comes to. */
const LISTING_BYTES_MAX = 64 * 1024 * 1024;

// `-t7z` pins the format (the program opens dozens), `-y` asks nothing, and the password, which no archive has, is there
// so that it does not ask for one either.
const SWITCHES = ['-t7z', '-bd', '-y', '-pnone', '-sccUTF-8'];

/**
 * Unpacks a 7z archive with the image's `7z`: listed and checked first, then unpacked, then compared with the listing.
 *
 * @param root exists and is empty
 * @throws {ArchiveError} for what is unsafe, encrypted, cut off, or not as it says itself
 */
export async function unpackSevenZip(archive: string, root: string, budget: Budget): Promise<void> {
  const entries = parseListing(await runSevenZip(['l', '-slt', '-ba', ...SWITCHES, '--', archive]));
  const listed = checkListing(entries, budget);
  refuseWarnings(await runSevenZip(['x', '-mmt=1', `-o${root}`, ...SWITCHES, '--', archive]));
  const found = new Set<string>();
  tidyFolder(root, [], found);
  const isSame = found.size === listed.size && [...found].every((path) => listed.has(path));
  if (!isSame) throw new ArchiveError('corrupt archive: its content is not what it lists');
}

/** @returns all paths that there should be afterwards, with the folders that are not listed themselves */
function checkListing(entries: readonly SevenZipEntry[], budget: Budget): Set<string> {
  const listed = new Set<string>();
  const notFolders = new Set<string>();
  for (const { path, kind, isEncrypted, bytes } of entries) {
    if (isEncrypted) throw new ArchiveError('encrypted archives are not supported');
    const components = checkPath(path);
    if (kind === 'other') {
      throw new ArchiveError(`entry ${showName(path)} in archive is neither a file nor a folder`);
    }
    budget.takeBytes(bytes);
    for (let depth = 1; depth <= components.length; depth += 1) {
      const part = components.slice(0, depth).join('/');
      if (!listed.has(part)) budget.takeEntry();
      listed.add(part);
    }
    if (kind !== 'folder') notFolders.add(components.join('/'));
  }
  for (const path of listed) {
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (notFolders.has(parent))
      throw new ArchiveError(`unsafe path ${showName(path)} in archive: it lies in a file`);
  }
  return listed;
}

/** Gives everything the modes that all archives get, and checks where links lead. */
function tidyFolder(root: string, components: readonly string[], found: Set<string>): void {
  for (const name of readdirSync([root, ...components].join('/'))) {
    const inside = [...components, name];
    const path = [root, ...inside].join('/');
    const state = lstatSync(path);
    found.add(inside.join('/'));
    if (state.isSymbolicLink()) {
      checkLinkTarget(inside, readlinkSync(path));
    } else if (state.isDirectory()) {
      chmodSync(path, FOLDER_MODE);
      tidyFolder(root, inside, found);
    } else if (state.isFile()) {
      chmodSync(path, (state.mode & ANY_EXECUTE) === 0 ? FILE_MODE : EXECUTABLE_MODE);
    } else {
      throw new ArchiveError(`entry ${showName(inside.join('/'))} in archive is neither a file nor a folder`);
    }
  }
}

function runSevenZip(args: readonly string[]): Promise<string> {
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C.UTF-8' };
  const options = { cwd: '/', env, maxBuffer: LISTING_BYTES_MAX };
  return new Promise((resolve, reject) => {
    const child = execFile('7z', args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      reject(explainFailure(error.code, error.signal ?? null, `${stderr}\n${stdout}`));
    });
    child.stdin?.end();
  });
}

/**
 * Any warning of the program is a failure: it goes on where a submission would be half unpacked, and ends with 0 where
 * something follows the archive's end.
 */
function refuseWarnings(output: string): void {
  if (!/^Archives with Warnings: /m.test(output)) return;
  const reason = /^WARNINGS:\n(.+)$/m.exec(output)?.[1] ?? '7z warns of it';
  throw new ArchiveError(`corrupt archive: ${showName(reason)}`);
}

function explainFailure(
  code: string | number | null | undefined,
  signal: NodeJS.Signals | null,
  output: string,
): Error {
  if (code === 'ENOENT') return new ArchiveError('the grader image has no program "7z" to unpack it with');
  if (signal === 'SIGKILL' || /can.?t allocate|not enough memory/i.test(output)) {
    return new ArchiveError('archive needs more memory to be unpacked than the job has');
  }
  if (/no space left/i.test(output)) return new ArchiveError("archive expands beyond the job's disk");
  if (/encrypted|password/i.test(output)) return new ArchiveError('encrypted archives are not supported');
  const reason = /^ *ERRORS?: *(.+)$/m.exec(output)?.[1] ?? `7z ended with ${signal ?? code}`;
  return new ArchiveError(`corrupt archive: ${showName(reason)}`);
}
