/** What came out of tests so far; each test counts once, and so does a file that failed as a whole. */
export interface Counts {
  passed: number;
  failed: number;
  /** Left out by the test itself, or known to fail: neither passed nor failed. */
  skipped: number;
}

/** What came out of one test file. */
export interface FileOutcome extends Counts {
  readonly file: string;
  readonly durationMs: number;
  readonly failures: readonly Failure[];
}

/** A test that failed. */
export interface Failure {
  readonly name: string;
  readonly error: unknown;
}

/** The end of a test, as the events of `node:test` tell it; of those only what is looked at. */
export interface TestEnd {
  readonly name: string;
  readonly file?: string | undefined;
  readonly details: {
    readonly passed: boolean;
    readonly duration_ms: number;
    readonly error?: unknown;
    readonly type?: string | undefined;
  };
  readonly skip?: string | boolean | undefined;
  readonly todo?: string | boolean | undefined;
}

/**
 * Counts tests as they end, file by file.
 *
 * @returns a function that takes each `test:complete` in turn, and gives the outcome of a file when that was its end
 * @see https://nodejs.org/api/test.html#event-testcomplete
 */
export function createTally(): (end: TestEnd) => FileOutcome | null {
  const files = new Map<string, Counts & { failures: Failure[] }>();
  return (end) => {
    const file = end.file ?? '';
    const counts = files.get(file) ?? { passed: 0, failed: 0, skipped: 0, failures: [] };
    files.set(file, counts);
    // The file itself is told as a test that bears its path.
    const isFile = end.name === file;
    const failure = { name: end.name, error: end.details.error };
    if (isFile) {
      if (!end.details.passed && counts.failed === 0) addFailure(counts, failure);
      // Somebody believes that something is tested there.
      if (isEmpty(counts)) addFailure(counts, { name: end.name, error: 'The file holds no test' });
      return { ...counts, file, durationMs: end.details.duration_ms };
    }
    if (end.details.type === 'suite') return null;
    if (isSet(end.skip) || isSet(end.todo)) counts.skipped += 1;
    else if (end.details.passed) counts.passed += 1;
    else addFailure(counts, failure);
    return null;
  };
}

function isEmpty({ passed, failed, skipped }: Counts): boolean {
  return passed + failed + skipped === 0;
}

function addFailure(counts: Counts & { failures: Failure[] }, failure: Failure): void {
  counts.failed += 1;
  counts.failures.push(failure);
}

/** `t.skip()` without a reason is an empty string. */
function isSet(mark: string | boolean | undefined): boolean {
  return mark !== undefined && mark !== false;
}
