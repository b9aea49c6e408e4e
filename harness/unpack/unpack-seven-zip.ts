import { spawn } from 'node:child_process';
import { chmodSync, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { ArchiveError, showName } from './archive-error.ts';
import type { Budget } from './extraction.ts';
import { readListing, type SevenZipEntry } from './list-seven-zip.ts';
import { checkLinkTarget, checkPath } from './safe-path.ts';

const FILE_MODE = 0o644;
const EXECUTABLE_MODE = 0o755;
const FOLDER_MODE = 0o755;
const ANY_EXECUTE = 0o111;

/** Of what it prints, so much of the beginning and of the end is kept, to be looked through for its messages. */
const KEPT_CHARACTERS = 32 * 1024;

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
  const listing = checkListing(budget);
  const reader = readListing(listing.add);
  await runSevenZip(['l', '-slt', '-ba', ...SWITCHES, '--', archive], reader.take);
  reader.end();
  const listed = listing.end();
  refuseWarnings(await runSevenZip(['x', '-mmt=1', `-o${root}`, ...SWITCHES, '--', archive]));
  let found = 0;
  tidyFolder(root, [], (path) => {
    if (listed.has(path)) found += 1;
    else throw notAsListed();
  });
  if (found !== listed.size) throw notAsListed();
}

function notAsListed(): ArchiveError {
  return new ArchiveError('corrupt archive: its content is not what it lists');
}

/** Checks entry by entry. `end` gives all paths that there should be afterwards, with folders that are not listed themselves. */
function checkListing(budget: Budget): { add(entry: SevenZipEntry): void; end(): Set<string> } {
  const listed = new Set<string>();
  const notFolders = new Set<string>();
  return {
    add({ path, kind, isEncrypted, bytes }) {
      if (isEncrypted) throw new ArchiveError('encrypted archives are not supported');
      const components = checkPath(path);
      if (kind === 'other') {
        throw new ArchiveError(`entry ${showName(path)} in archive is neither a file nor a folder`);
      }
      budget.takeBytes(bytes);
      for (let depth = 1; depth <= components.length; depth += 1) {
        const part = components.slice(0, depth).join('/');
        if (!listed.has(part)) budget.takeEntry(part);
        listed.add(part);
      }
      if (kind !== 'folder') notFolders.add(components.join('/'));
    },
    end() {
      for (const path of listed) {
        const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
        if (notFolders.has(parent))
          throw new ArchiveError(`unsafe path ${showName(path)} in archive: it lies in a file`);
      }
      return listed;
    },
  };
}

/** Gives everything the modes that all archives get, checks where links lead, and tells all paths, each once. */
function tidyFolder(root: string, components: readonly string[], tell: (path: string) => void): void {
  for (const name of readdirSync([root, ...components].join('/'))) {
    const inside = [...components, name];
    const path = [root, ...inside].join('/');
    const state = lstatSync(path);
    tell(inside.join('/'));
    if (state.isSymbolicLink()) {
      checkLinkTarget(inside, readlinkSync(path));
    } else if (state.isDirectory()) {
      chmodSync(path, FOLDER_MODE);
      tidyFolder(root, inside, tell);
    } else if (state.isFile()) {
      chmodSync(path, (state.mode & ANY_EXECUTE) === 0 ? FILE_MODE : EXECUTABLE_MODE);
    } else {
      throw new ArchiveError(`entry ${showName(inside.join('/'))} in archive is neither a file nor a folder`);
    }
  }
}

/**
 * @param hear gets what it prints, as it comes; what it throws ends the program
 * @returns the beginning and the end of what it printed
 */
function runSevenZip(
  args: readonly string[],
  hear: (text: string) => void = () => undefined,
): Promise<string> {
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C.UTF-8' };
  const child = spawn('7z', args, { cwd: '/', env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [printed, complaints] = [keepEnds(), keepEnds()];
  child.stderr.setEncoding('utf8').on('data', complaints.add);
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed.add(text);
      try {
        hear(text);
      } catch (error) {
        reject(error);
        child.kill('SIGKILL');
      }
    });
    child.once('error', (error) => reject(explainFailure(codeOf(error), null, error.message)));
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(printed.text());
      reject(explainFailure(code, signal, `${complaints.text()}\n${printed.text()}`));
    });
  });
}

function codeOf(error: Error): string | null {
  return 'code' in error ? String(error.code) : null;
}

function keepEnds(): { add(text: string): void; text(): string } {
  let start = '';
  let end = '';
  return {
    add(text) {
      const room = KEPT_CHARACTERS - start.length;
      start += text.slice(0, room);
      end = (end + text.slice(room)).slice(-KEPT_CHARACTERS);
    },
    text: () => start + end,
  };
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

// Its own sentences, where it puts them: what it prints is full of names that archives choose.
const OUT_OF_MEMORY =
  /^(?:ERROR: )?(?:errno=\d+ : |E_OUTOFMEMORY : )?(?:Can.?t allocate required memory|Cannot allocate memory|Not enough memory)/im;
const OUT_OF_SPACE = /^(?:ERROR: (?:.* : )?)?(?:errno=\d+ : )?No space left on device(?: : |$)/m;
const ENCRYPTED =
  /^(?:ERROR: (?:.* : )?)?Can ?not open encrypted archive\. Wrong password\?$|^(?:ERROR: )?(?:(?:Data Error|CRC Failed) in encrypted file\. )?Wrong password\?(?: : |$)/m;

/**
 * Explains why 7z failed.
 *
 * @param code its exit status, or the code of the error with which it could not be started
 * @param output what it printed, complaints first
 */
export function explainFailure(
  code: string | number | null,
  signal: NodeJS.Signals | null,
  output: string,
): ArchiveError {
  if (code === 'ENOENT') return new ArchiveError('the grader image has no program "7z" to unpack it with');
  if (signal === 'SIGKILL' || OUT_OF_MEMORY.test(output)) {
    return new ArchiveError('archive needs more memory to be unpacked than the job has');
  }
  if (OUT_OF_SPACE.test(output)) return new ArchiveError("archive expands beyond the job's disk");
  if (ENCRYPTED.test(output)) return new ArchiveError('encrypted archives are not supported');
  const reason = /^ *ERRORS?: *(.+)$/m.exec(output)?.[1] ?? `7z ended with ${signal ?? code}`;
  return new ArchiveError(`corrupt archive: ${showName(reason)}`);
}
