import { inspect, stripVTControlCharacters } from 'node:util';
import type { Paint } from '../paint.ts';
import type { Check, CheckOutcome } from './run-check.ts';
import type { TestFileReport } from './run-tests.ts';
import type { Counts } from './tally-tests.ts';

const MARK_WIDTH = 6;
const SECOND_MS = 1000;

function line(paint: Paint, passed: boolean, what: string, durationMs: number): string {
  const mark = passed ? paint('green', 'ok'.padEnd(MARK_WIDTH)) : paint('red', 'FAIL'.padEnd(MARK_WIDTH));
  return `${mark}${what}  ${paint('dim', `${(durationMs / SECOND_MS).toFixed(1)} s`)}\n`;
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, ' '.repeat(MARK_WIDTH));
}

/** A check in one line; one that failed with what it wrote. */
export function renderCheck(check: Check, outcome: CheckOutcome, paint: Paint): string {
  const head = line(paint, outcome.passed, check.name, outcome.durationMs);
  return outcome.passed ? head : `${head}${indent(outcome.output)}\n`;
}

/** A test file in one line; one that failed with each failure, and with what it wrote. */
export function renderFile(report: TestFileReport, paint: Paint): string {
  const { passed, failed, skipped } = report;
  const counts = [
    `${passed + failed} ${passed + failed === 1 ? 'test' : 'tests'}`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  const head = line(paint, failed === 0, `${report.file}  ${counts.join(', ')}`, report.durationMs);
  if (failed === 0) return head;
  const failures = report.failures.map(
    ({ name, error }) => `${indent(`${paint('bold', name)}\n${describeError(error)}`)}\n`,
  );
  const output = stripVTControlCharacters(report.output);
  return `${head}${failures.join('')}${output === '' ? '' : `${indent(`It wrote:\n${output}`)}\n`}`;
}

/** node:test wraps what a test threw; the reader wants that itself. */
function describeError(error: unknown): string {
  const thrown = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return typeof thrown === 'string' ? thrown : inspect(thrown);
}

/** Said before files run again. */
export function renderAgain(files: readonly string[]): string {
  return `\nOnce more, each alone: ${files.join(', ')}\n`;
}

/** What a run comes to. */
export interface Summary extends Counts {
  /** What failed, by name. */
  readonly failures: readonly string[];
  /** What failed and passed when it ran again, by name. */
  readonly flaky: readonly string[];
}

/** The end of a run: what failed by name, then the counts as the very last line. */
export function renderSummary({ failures, flaky, ...counts }: Summary, paint: Paint): string {
  const list = (mark: string, names: readonly string[]): string =>
    names.map((name) => `${mark}${name}\n`).join('');
  const failed = list(paint('red', 'FAIL'.padEnd(MARK_WIDTH)), failures);
  // Not counted as failed, and never kept quiet: a race in Orca looks just like this.
  const unsteady = list(paint('red', 'FLAKY'.padEnd(MARK_WIDTH)), flaky);
  const skipped = counts.skipped > 0 ? `${counts.skipped} skipped\n` : '';
  return `\n${failed}${unsteady}${skipped}${counts.passed} passed, ${counts.failed} failed\n`;
}
