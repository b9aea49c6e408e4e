import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Budget, createBudget, createExtraction, type Extraction } from '../unpack/extraction.ts';

/** A place for one archive of a test, gone when it is disposed of. */
export interface ArchivePlace extends Disposable {
  /** The archive. */
  readonly archive: string;
  readonly root: string;
  readonly budget: Budget;
  readonly extraction: Extraction;
  /** All that lies in the root: path → content, `-> target`, or `/` for a folder; executables end in `*`. */
  tree(): Record<string, string>;
}

/** Writes an archive to the disk, with an empty folder beside it. */
export function placeArchive(
  bytes: Buffer,
  limits: { readonly bytes: number; readonly entries: number } = { bytes: 1_000_000, entries: 100 },
): ArchivePlace {
  const folder = mkdtempSync(join(tmpdir(), 'orca-archive-test-'));
  const archive = join(folder, 'archive');
  const root = join(folder, 'root');
  writeFileSync(archive, bytes);
  mkdirSync(root);
  const budget = createBudget(limits);
  return {
    archive,
    root,
    budget,
    extraction: createExtraction(root, budget),
    tree: () => Object.fromEntries(describeFolder(root, '')),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

function describeFolder(root: string, folder: string): [string, string][] {
  return readdirSync(join(root, folder))
    .sort()
    .flatMap((name): [string, string][] => {
      const path = join(folder, name);
      const state = lstatSync(join(root, path));
      if (state.isSymbolicLink()) return [[path, `-> ${readlinkSync(join(root, path))}`]];
      if (state.isDirectory()) return [[path, '/'], ...describeFolder(root, path)];
      const mark = (state.mode & 0o7777) === 0o755 ? '*' : '';
      return [[path, readFileSync(join(root, path), 'utf8') + mark]];
    });
}
