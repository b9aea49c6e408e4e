import type { TestFiles } from './find-tests.ts';
import type { TestFileReport, TestRun } from './run-tests.ts';

/** Two at once: one waits for the engine or the database while the other computes. */
const PARTS_CONCURRENCY = 2;
/** More than so many files have failed because something is broken, not because the machine was busy. */
const AGAIN_MAX = 4;

/** A file that failed, and passed when it ran again. */
export interface FlakyFile {
  readonly first: TestFileReport;
  readonly second: TestFileReport;
}

/** What runs the tests, and who is told. */
export interface TestDeps {
  run(test: TestRun, onFile: (report: TestFileReport) => void): Promise<void>;
  /** Each file as it ends, and again when it runs again. */
  onFile(report: TestFileReport): void;
  /** Before files run again. */
  onAgain(files: readonly string[]): void;
}

/** What came out of all files. */
export interface TestOutcome {
  /** One for each file: the last. */
  readonly reports: readonly TestFileReport[];
  /** Among them those that passed only the second time. */
  readonly flaky: readonly FlakyFile[];
}

/**
 * Runs test files: parts two at a time, the whole system's one at a time.
 *
 * @param again runs up to four files that failed once more, alone, as the machine may have been busy; what passes then counts as passed, and is named
 */
export async function runAllTests(
  folder: string,
  { parts, whole }: TestFiles,
  again: boolean,
  { run, onFile, onAgain }: TestDeps,
): Promise<TestOutcome> {
  const reports = new Map<string, TestFileReport>();
  const runSome = (files: readonly string[], concurrency: number): Promise<void> =>
    run({ folder, files, concurrency }, (report) => {
      reports.set(report.file, report);
      onFile(report);
    });
  await runSome(parts, PARTS_CONCURRENCY);
  await runSome(whole, 1);
  const failed = [...reports.values()].filter((report) => report.failed > 0);
  const isWorthIt = again && failed.length > 0 && failed.length <= AGAIN_MAX;
  if (!isWorthIt) return { reports: [...reports.values()], flaky: [] };
  const files = failed.map(({ file }) => file);
  onAgain(files);
  await runSome(files, 1);
  const flaky = failed.flatMap((first) => {
    const second = reports.get(first.file);
    return second !== undefined && second.failed === 0 ? [{ first, second }] : [];
  });
  return { reports: [...reports.values()], flaky };
}
