import type { SubmissionReport } from './render-report.ts';

/** What came of each submission, for a program: one JSON object on one line, with the names of the wire. */
export function renderJson(reports: readonly SubmissionReport[]): string {
  const submissions = reports.map(({ example, submission, result, deliveredMs, differences }) => ({
    example,
    submission,
    as_expected: differences.length === 0,
    differences,
    tests: result.tests,
    score: result.score,
    errors: result.errors,
    timings: Object.fromEntries(result.timings),
    delivered_ms: Math.round(deliveredMs),
  }));
  const isExpected = submissions.every(({ as_expected }) => as_expected);
  return `${JSON.stringify({ as_expected: isExpected, submissions })}\n`;
}
