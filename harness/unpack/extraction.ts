import { closeSync, linkSync, mkdirSync, openSync, symlinkSync, unlinkSync, writeSync } from 'node:fs';
import { ArchiveError, showName } from './archive-error.ts';
import { checkLinkTarget, checkPath } from './safe-path.ts';

/** The bytes of a file, as they come. */
export type Pieces = AsyncIterable<Buffer> | Iterable<Buffer>;

/** What all archives of a job may still take together. */
export interface Budget {
  takeBytes(count: number): void;
  /** @param path of a file, folder or link that is new */
  takeEntry(path: string): void;
}

/** A folder that an archive is unpacked into, entry by entry. Entries that must not be are refused by throwing. */
export interface Extraction {
  addFolder(path: string): void;
  /** @param isExecutable all that is taken over of its mode */
  addFile(path: string, isExecutable: boolean, content: Pieces): Promise<void>;
  addSymlink(path: string, target: string): void;
  /** @param existing the path of a regular file that came before */
  addHardLink(path: string, existing: string): void;
}

const FILE_MODE = 0o644;
const EXECUTABLE_MODE = 0o755;
const FOLDER_MODE = 0o755;
const MIB = 1024 * 1024;

/** Most bytes of all paths together: they are kept, and Node keeps what is not Latin-1 in two bytes a character. */
export const PATHS_BYTES_MAX = 16 * MIB;

/**
 * A budget for all archives of a job.
 *
 * @param limits the bytes and the entries (files, folders, links) that there may be
 */
export function createBudget(limits: { readonly bytes: number; readonly entries: number }): Budget {
  let bytesLeft = limits.bytes;
  let entriesLeft = limits.entries;
  let pathsBytesLeft = PATHS_BYTES_MAX;
  return {
    takeBytes(count) {
      bytesLeft -= count;
      if (bytesLeft < 0) throw tooLarge(limits.bytes);
    },
    takeEntry(path) {
      entriesLeft -= 1;
      if (entriesLeft < 0) throw new ArchiveError(`more than ${limits.entries} files and folders in archive`);
      pathsBytesLeft -= Buffer.byteLength(path);
      if (pathsBytesLeft < 0)
        throw new ArchiveError(`paths in archive are longer than ${PATHS_BYTES_MAX / MIB} MiB together`);
    },
  };
}

/** The refusal of an archive that does not fit on the job's disk. */
export function tooLarge(bytes: number): ArchiveError {
  return new ArchiveError(`archive expands beyond the job's disk of ${Math.floor(bytes / MIB)} MiB`);
}

/**
 * Unpacks into an empty folder that nobody else can write to meanwhile. Nothing is ever written through a link: an
 * entry below one is refused, and one in its place is made anew.
 *
 * @param root exists and is empty
 */
export function createExtraction(root: string, budget: Budget): Extraction {
  const kinds = new Map<string, 'folder' | 'file' | 'link'>([['', 'folder']]);

  const addParents = (components: readonly string[]): void => {
    if (kinds.get(components.slice(0, -1).join('/')) === 'folder') return;
    for (let depth = 1; depth < components.length; depth += 1) makeFolder(components.slice(0, depth));
  };
  const makeFolder = (components: readonly string[]): void => {
    const path = components.join('/');
    const kind = kinds.get(path);
    if (kind === 'folder') return;
    if (kind !== undefined)
      throw new ArchiveError(`unsafe path ${showName(path)} in archive: it is a ${kind} too`);
    budget.takeEntry(path);
    mkdirSync(`${root}/${path}`, FOLDER_MODE);
    kinds.set(path, 'folder');
  };
  /**
   * Takes a path that is new, or that held a file or a link: of two versions in one archive the later one counts. The
   * earlier one's name goes first, so that nothing is written into a file that has another name too.
   */
  const claim = (path: string, kind: 'file' | 'link'): { components: string[]; full: string } => {
    const components = checkPath(path);
    const plain = components.join('/');
    addParents(components);
    const present = kinds.get(plain);
    if (present === 'folder') {
      throw new ArchiveError(`unsafe path ${showName(path)} in archive: it is a folder too`);
    }
    const full = `${root}/${plain}`;
    if (present === undefined) budget.takeEntry(plain);
    else unlinkSync(full);
    kinds.set(plain, kind);
    return { components, full };
  };

  return {
    addFolder(path) {
      const components = checkPath(path);
      addParents(components);
      makeFolder(components);
    },
    async addFile(path, isExecutable, content) {
      const { full } = claim(path, 'file');
      await writeFile(full, isExecutable ? EXECUTABLE_MODE : FILE_MODE, content, budget);
    },
    addSymlink(path, target) {
      checkLinkTarget(checkPath(path), target);
      const { full } = claim(path, 'link');
      symlinkSync(target, full);
    },
    addHardLink(path, existing) {
      const source = checkPath(existing).join('/');
      if (kinds.get(source) !== 'file') {
        throw new ArchiveError(`unsafe link ${showName(path)} to ${showName(existing)} in archive`);
      }
      // What tar makes of a file that it was told to pack twice.
      if (checkPath(path).join('/') === source) return;
      const { full } = claim(path, 'link');
      linkSync(`${root}/${source}`, full);
    },
  };
}

/**
 * Writes a file piece by piece, against the budget.
 *
 * @throws {ArchiveError} when the budget is used up; what was written until then stays
 */
export async function writeFile(path: string, mode: number, content: Pieces, budget: Budget): Promise<void> {
  const file = openSync(path, 'wx', mode);
  const write = (bytes: Buffer): void => {
    budget.takeBytes(bytes.length);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  };
  try {
    // What is there already need not be waited for: that costs more than writing a small file.
    if (Symbol.iterator in content) for (const bytes of content) write(bytes);
    else for await (const bytes of content) write(bytes);
  } finally {
    closeSync(file);
  }
}
