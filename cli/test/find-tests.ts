import { glob } from 'node:fs/promises';
import { basename } from 'node:path';

/** The test files of a checkout, in the order in which they are run. */
export interface TestFiles {
  /** Those that may run two at a time; what fails soonest comes first. */
  readonly parts: string[];
  /** Those of the whole system, one at a time: each fills the machine, and watches the clock. */
  readonly whole: string[];
}

/** What a test needs stands in its name; what needs more comes later. */
const KINDS = ['', '.database', '.engine', '.all', '.e2e'];
const ALL_SUFFIX = '.all.test.ts';
/** The long suites of this folder start whole systems, too. */
const WHOLE = /(^e2e\/.*\.all|\.e2e)\.test\.ts$/;

/**
 * Finds the test files under a folder.
 *
 * @param all also the long suites, `*.all.test.ts`
 * @returns paths relative to the folder
 */
export async function findTests(folder: string, all: boolean): Promise<TestFiles> {
  const found: string[] = [];
  const exclude = (path: string): boolean =>
    basename(path) === 'node_modules' || basename(path).startsWith('.');
  for await (const path of glob('**/*.test.ts', { cwd: folder, exclude })) found.push(path);
  const wanted = found.filter((path) => all || !path.endsWith(ALL_SUFFIX)).sort(inOrder);
  return {
    parts: wanted.filter((path) => !WHOLE.test(path)),
    whole: wanted.filter((path) => WHOLE.test(path)),
  };
}

function inOrder(one: string, other: string): number {
  return kindOf(one) - kindOf(other) || one.localeCompare(other);
}

function kindOf(path: string): number {
  return KINDS.findLastIndex((kind) => path.endsWith(`${kind}.test.ts`));
}
