import { join, relative } from 'node:path';
import { run } from 'node:test';
import { createTally, type FileOutcome } from './tally-tests.ts';

/** A test that has taken so long hangs. */
const TEST_TIMEOUT_MS = 15 * 60_000;
/** Its file is ended then, so that what it did until then is told. */
const FILE_TIMEOUT_MS = 16 * 60_000;
const END_LATE = new URL('./end-late.ts', import.meta.url).href;
/** What a file may write to its streams and still be shown when it fails. */
const OUTPUT_CHARACTERS_MAX = 20_000;

/** How tests are run. */
export interface TestRun {
  /** The folder that the files are relative to. */
  readonly folder: string;
  readonly files: readonly string[];
  /** How many files at once. */
  readonly concurrency: number;
  /** A file that has taken so long, in milliseconds, is ended, and has failed. */
  readonly fileMsMax?: number;
}

/** What came out of one file, and what it printed where that was not to be. */
export interface TestFileReport extends FileOutcome {
  /** The last that it wrote to its streams. */
  readonly output: string;
}

/**
 * Runs test files, each in a process of its own.
 *
 * @param onFile gets the outcome of each file; paths are relative
 * @throws the signal's reason when it aborts; the processes have been told to stop then
 */
export async function runTests(
  test: TestRun,
  onFile: (report: TestFileReport) => void,
  signal: AbortSignal,
): Promise<void> {
  if (test.files.length === 0) return;
  const tally = createTally();
  const outcomes: FileOutcome[] = [];
  const output = new Map<string, string>();
  const events = run({
    files: test.files.map((file) => join(test.folder, file)),
    cwd: test.folder,
    concurrency: test.concurrency,
    timeout: TEST_TIMEOUT_MS,
    execArgv: ['--import', `${END_LATE}?ms=${test.fileMsMax ?? FILE_TIMEOUT_MS}`],
    signal,
  });
  const finish = (outcome: FileOutcome): void =>
    onFile({
      ...outcome,
      file: relative(test.folder, outcome.file),
      output: output.get(outcome.file) ?? '',
    });
  for await (const event of events) {
    if (event.type === 'test:complete') {
      const outcome = tally(event.data);
      // What a file printed is told only later, so a failure is kept until the end.
      if (outcome?.failed === 0) finish(outcome);
      else if (outcome) outcomes.push(outcome);
    } else if (event.type === 'test:stdout' || event.type === 'test:stderr') {
      const { file = '', message } = event.data;
      output.set(file, ((output.get(file) ?? '') + message).slice(-OUTPUT_CHARACTERS_MAX));
    }
  }
  signal.throwIfAborted();
  for (const outcome of outcomes) finish(outcome);
}
