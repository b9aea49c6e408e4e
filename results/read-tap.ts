import { cutText, type Score, type TestRecord, type TestReport } from '@orca/protocol';
import { readTapDocument, type TapDocument, type TapTest } from './tap-document.ts';

/** Missing tests that get a record each; of more, the number is told. */
export const MISSING_TESTS_LISTED_MAX = 1000;
/** Most characters of a name, a category, a file. */
export const NAME_CHARACTERS_MAX = 1000;
/** Most characters of a message. */
export const MESSAGE_CHARACTERS_MAX = 4000;
/** Most characters of a test's output. */
export const OUTPUT_CHARACTERS_MAX = 64 * 1024;
/** Most problems of a report that are told. */
const PROBLEMS_MAX = 100;

/** The first version in which a report without a plan is a failure. */
const VERSION_WITH_PLAN = 14;
/** What a test weighs that does not say. */
const DEFAULT_WEIGHT = 1;
/** Points are rounded to this part, so that three tests of 0.1 make 0.3. */
const POINTS_PRECISION = 1e6;

/**
 * Reads a grader's output as TAP 13 or 14, Bottlenose's dialect included: weights and `TOTAL POINTS`. Any text will do;
 * the time is linear in it.
 *
 * A text is TAP when it has a version line, or a plan and tests, or begins with a plan, `ok 1` or `not ok 1`: noise before
 * and between is passed over. Tests of the plan that were not reported, and tests outside of it, are failed. A failing test
 * with SKIP or TODO is `skipped`. Points go by `ok` and `not ok` alone, as Bottlenose counts.
 *
 * A report that was cut short has no score: one of TAP 14 without a plan, one that bails out before its plan. `1..0` has one
 * only where it says its `TOTAL POINTS`, and no reason why all is skipped.
 *
 * @returns the report, or `null` when the text is no TAP
 * @see https://testanything.org/tap-version-14-specification.html
 */
export function readTap(text: string): TestReport | null {
  const document = readTapDocument(text);
  if (!isTap(document)) return null;
  const missing = findMissing(document);
  return {
    tests: [
      ...document.tests.map((test) => recordOf(test, document.plan)),
      ...missing.listed.map(missingRecord),
      ...listErrors(document),
    ],
    score: scoreOf(document, missing.count),
    problems: listProblems(document, missing.count),
  };
}

function isTap(document: TapDocument): boolean {
  if (document.version !== null || document.beginsAsTap) return true;
  return document.plan !== null && document.tests.length > 0;
}

function isOutsidePlan(test: TapTest, plan: number | null): boolean {
  return plan !== null && (test.number < 1 || test.number > plan);
}

function statusOf({ line }: TapTest): TestRecord['status'] {
  if (line.directive?.kind === 'skip') return 'skipped';
  if (line.isOk) return 'passed';
  return line.directive ? 'skipped' : 'failed';
}

function weightOf(test: TapTest): number {
  return test.details.weight ?? DEFAULT_WEIGHT;
}

function messageOf(test: TapTest, plan: number | null): string | undefined {
  const { line, details, failedSubtests } = test;
  if (isOutsidePlan(test, plan)) return `Its number ${test.number} is outside of the plan 1..${plan}`;
  if (details.message !== undefined) return details.message;
  if (line.directive) return `${line.directive.kind.toUpperCase()} ${line.directive.reason}`.trim();
  return failedSubtests.length > 0 && !line.isOk ? `Failed: ${failedSubtests.join(', ')}` : undefined;
}

function cut(text: string | undefined, most: number): string | undefined {
  return text === undefined ? undefined : cutText(text, most);
}

/** Absent fields are left out, not undefined: the record is compared and sent as JSON. */
function withoutAbsent(record: TestRecord): TestRecord {
  for (const [name, value] of Object.entries(record))
    if (value === undefined) Reflect.deleteProperty(record, name);
  return record;
}

function recordOf(test: TapTest, plan: number | null): TestRecord {
  const { line, details } = test;
  const isOutside = isOutsidePlan(test, plan);
  return withoutAbsent({
    id: String(test.number),
    name: line.name === '' ? `test ${test.number}` : cutText(line.name, NAME_CHARACTERS_MAX),
    status: isOutside ? 'failed' : statusOf(test),
    score: line.isOk && !isOutside ? weightOf(test) : 0,
    max_score: weightOf(test),
    message: cut(messageOf(test, plan), MESSAGE_CHARACTERS_MAX),
    output: cut(details.output, OUTPUT_CHARACTERS_MAX),
    file: cut(details.file, NAME_CHARACTERS_MAX),
    line: details.line,
    category: cut(details.category, NAME_CHARACTERS_MAX),
    severity: cut(details.severity, NAME_CHARACTERS_MAX),
    duration_ms: details.durationMs,
  });
}

/** Numbers of the plan that no test had, and how many they are. */
interface Missing {
  readonly count: number;
  /** The first of them. */
  readonly listed: readonly number[];
}

/** A plan may be huge and the tests few: no more is walked than tests and records. */
function findMissing({ plan, tests }: TapDocument): Missing {
  if (plan === null) return { count: 0, listed: [] };
  const seen = new Set(tests.map(({ number }) => number).filter((number) => number >= 1 && number <= plan));
  const count = plan - seen.size;
  const listed: number[] = [];
  for (let number = 1; listed.length < Math.min(count, MISSING_TESTS_LISTED_MAX); number++) {
    if (!seen.has(number)) listed.push(number);
  }
  return { count, listed };
}

function missingRecord(number: number): TestRecord {
  return {
    id: String(number),
    name: `test ${number}`,
    status: 'failed',
    score: 0,
    max_score: DEFAULT_WEIGHT,
    message: 'Planned, but never reported',
  };
}

/** TAP 14 demands one; clients take TAP 13 without. */
function lacksPlan({ plan, version }: TapDocument): boolean {
  return plan === null && version !== null && version >= VERSION_WITH_PLAN;
}

/** What is wrong with the report as a whole, as records: a client sees these, and not the problems. */
function listErrors(document: TapDocument): TestRecord[] {
  const { bailOut } = document;
  const records: TestRecord[] = [];
  if (bailOut !== null) {
    const message = cutText(bailOut === '' ? 'No reason was given' : bailOut, MESSAGE_CHARACTERS_MAX);
    records.push({ id: 'bail-out', name: 'Bail out!', status: 'error', message });
  }
  if (lacksPlan(document)) {
    records.push({
      id: 'plan',
      name: 'plan',
      status: 'error',
      message: 'The report has no plan, as TAP 14 demands',
    });
  }
  return records;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function round(points: number): number {
  return Math.round(points * POINTS_PRECISION) / POINTS_PRECISION;
}

/** Nobody knows what such a report lacks: a submission that ends its tests early would keep all points. */
function isCutShort(document: TapDocument): boolean {
  return lacksPlan(document) || (document.plan === null && document.bailOut !== null);
}

/**
 * A style checker that finds nothing prints `1..0`, and points that nothing is taken from. Where a reason stands behind the
 * plan, nothing was looked at.
 */
function scoreWithoutTests({ plan, planReason, totalPoints, bailOut }: TapDocument): Score | null {
  if (plan !== 0 || planReason !== '' || totalPoints === null || bailOut !== null) return null;
  return { earned: totalPoints, available: totalPoints };
}

function scoreOf(document: TapDocument, missingCount: number): Score | null {
  const { tests, plan, totalPoints } = document;
  if (isCutShort(document)) return null;
  if (tests.length + missingCount === 0) return scoreWithoutTests(document);
  const isEarned = (test: TapTest): boolean => test.line.isOk && !isOutsidePlan(test, plan);
  const counting = tests.filter(({ details }) => details.suppressed !== true);
  const missing = missingCount * DEFAULT_WEIGHT;
  if (totalPoints !== null) {
    const lost = missing + sum(counting.filter((test) => !isEarned(test)).map(weightOf));
    return { earned: round(Math.max(0, totalPoints - lost)), available: totalPoints };
  }
  const available = missing + sum(tests.map(weightOf));
  return { earned: round(sum(counting.filter(isEarned).map(weightOf))), available: round(available) };
}

function listProblems(document: TapDocument, missingCount: number): string[] {
  const { plan, tests, testsLeftOut, bailOut, version } = document;
  const problems = document.problems.slice(0, PROBLEMS_MAX);
  if (bailOut !== null) problems.push('the report ends early: Bail out!');
  if (plan === null) problems.push(version === null ? 'no plan' : `no plan, in TAP ${version}`);
  if (missingCount > 0) problems.push(`${missingCount} of ${plan} planned tests were not reported`);
  const outside = tests.filter((test) => isOutsidePlan(test, plan)).length;
  if (outside > 0) problems.push(`${outside} tests are outside of the plan 1..${plan}`);
  const twice = tests.length - new Set(tests.map(({ number }) => number)).size;
  if (twice > 0) problems.push(`${twice} tests have a number that another one has`);
  if (testsLeftOut > 0) problems.push(`${testsLeftOut} tests after the first ${tests.length} were left out`);
  return problems;
}
