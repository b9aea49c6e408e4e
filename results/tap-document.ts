import { isTooMuchYaml, readScoredFields, readTapDetails, type TapDetails } from './tap-details.ts';
import { readTapLine, type TapTestLine } from './tap-line.ts';

/** Most tests of one report; more are counted and left out. */
export const TAP_TESTS_MAX = 100_000;

/** Most characters of all YAML blocks of a report that are read. */
const YAML_TOTAL_CHARACTERS_MAX = 512 * 1024;
/** After so many blocks that are no YAML, of the others no more is read than what points depend on. */
const UNREADABLE_BLOCKS_MAX = 5;
/** A subtest's lines are indented by four spaces. */
const SUBTEST_INDENT = 4;
/** The one version that knows no subtests: there, indented lines mean nothing. */
const VERSION_WITHOUT_SUBTESTS = 13;
/** Failed subtests that are named in their parent's message. */
const FAILED_SUBTESTS_MAX = 20;

/** A test with what stands around it. */
export interface TapTest {
  readonly line: TapTestLine;
  /** As printed, else counted. */
  readonly number: number;
  details: TapDetails;
  /** Names of the failed tests in the subtest above it. */
  readonly failedSubtests: readonly string[];
}

/** A TAP document, read but not judged. */
export interface TapDocument {
  version: number | null;
  plan: number | null;
  /** What stands behind the plan: of `1..0`, why all is skipped. */
  planReason: string;
  tests: TapTest[];
  /** Tests above `TAP_TESTS_MAX`. */
  testsLeftOut: number;
  bailOut: string | null;
  /** Bottlenose's `# TOTAL POINTS: 25.0`. */
  totalPoints: number | null;
  /** The first line that is neither blank nor a comment is a plan, `ok 1` or `not ok 1`. */
  beginsAsTap: boolean;
  problems: string[];
}

interface Scan {
  readonly lines: readonly string[];
  readonly document: TapDocument;
  at: number;
  /** What a YAML block that comes now belongs to. */
  last: 'test' | 'subtest' | null;
  failedSubtests: string[];
  isFirst: boolean;
  yamlCharacters: number;
  unreadableBlocks: number;
}

/** At a comment's beginning only: further on it may be what a student printed, as a test quotes it. */
const TOTAL_POINTS = /^TOTAL POINTS: (\d{1,9}(?:\.\d{1,9})?)/;

/**
 * Reads a text as TAP 13 or 14, forgivingly: what is not understood is passed over. Linear in the text; never throws.
 *
 * @returns the document; that of a text which is no TAP has neither version, plan nor tests
 */
export function readTapDocument(text: string): TapDocument {
  const document: TapDocument = {
    version: null,
    plan: null,
    planReason: '',
    tests: [],
    testsLeftOut: 0,
    bailOut: null,
    totalPoints: null,
    beginsAsTap: false,
    problems: [],
  };
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
  const scan: Scan = {
    lines,
    document,
    at: 0,
    last: null,
    failedSubtests: [],
    isFirst: true,
    yamlCharacters: 0,
    unreadableBlocks: 0,
  };
  while (scan.at < lines.length && document.bailOut === null) {
    const line = lines[scan.at++] ?? '';
    if (line.trim() === '') continue;
    if (/^\s/.test(line)) readIndentedLine(scan, line);
    else readMarginLine(scan, line);
  }
  return document;
}

function readMarginLine(scan: Scan, line: string): void {
  const { document } = scan;
  const read = readTapLine(line);
  if (scan.isFirst && read.kind !== 'comment') {
    document.beginsAsTap = read.kind === 'plan' || (read.kind === 'test' && read.number === 1);
    scan.isFirst = false;
  }
  switch (read.kind) {
    case 'test':
      addTest(scan, read);
      break;
    case 'plan':
      if (document.plan === null) {
        document.plan = read.count;
        document.planReason = read.reason;
      } else document.problems.push('more than one plan: the first one counts');
      break;
    case 'version':
      document.version ??= read.version;
      break;
    case 'bail_out':
      document.bailOut = read.reason;
      break;
    case 'comment':
      readComment(document, read.text);
      break;
    case 'other':
      break;
    default:
      read satisfies never;
  }
  // Comments may stand between a test and its YAML block.
  if (read.kind !== 'test' && read.kind !== 'comment') scan.last = null;
}

function addTest(scan: Scan, line: TapTestLine): void {
  const { tests } = scan.document;
  const { failedSubtests } = scan;
  scan.failedSubtests = [];
  if (tests.length >= TAP_TESTS_MAX) {
    scan.document.testsLeftOut++;
    scan.last = 'subtest';
    return;
  }
  const counted = (tests.at(-1)?.number ?? 0) + 1;
  tests.push({ line, number: line.number ?? counted, details: {}, failedSubtests });
  scan.last = 'test';
}

function readComment(document: TapDocument, text: string): void {
  const points = TOTAL_POINTS.exec(text)?.[1];
  if (points !== undefined) document.totalPoints ??= Number(points);
}

function readIndentedLine(scan: Scan, line: string): void {
  const text = line.trim();
  if (text === '---') readYaml(scan, line);
  else if (!text.startsWith('#')) readSubtestLine(scan, line, text);
}

function readSubtestLine(scan: Scan, line: string, text: string): void {
  const hasSubtests = scan.document.version !== VERSION_WITHOUT_SUBTESTS;
  const read = readTapLine(text);
  if (read.kind === 'bail_out' && hasSubtests) scan.document.bailOut = read.reason;
  if (read.kind !== 'test') return;
  scan.last = 'subtest';
  const isChild = line.length - line.trimStart().length === SUBTEST_INDENT;
  if (!hasSubtests || !isChild || read.isOk || read.directive) return;
  if (scan.failedSubtests.length < FAILED_SUBTESTS_MAX) scan.failedSubtests.push(read.name);
}

/** Reads a block to its end, so that nothing in it passes for TAP; keeps it if it belongs to a test. */
function readYaml(scan: Scan, opening: string): void {
  const { last, lines } = scan;
  if (last === null) return;
  const indent = opening.slice(0, opening.indexOf('---'));
  const block: string[] = [];
  let isClosed = false;
  while (scan.at < lines.length && !isClosed) {
    const line = lines[scan.at] ?? '';
    if (!line.startsWith(indent) && line.trim() !== '') break;
    scan.at++;
    isClosed = line.trimEnd() === `${indent}...`;
    if (!isClosed) block.push(line.slice(indent.length));
  }
  const test = scan.document.tests.at(-1);
  // One block belongs to a test; a second one is read past.
  scan.last = 'subtest';
  if (last !== 'test' || !test) return;
  if (!isClosed) scan.document.problems.push(`test ${test.number}: its YAML block has no end`);
  const yaml = block.join('\n');
  const isTried = mayRead(scan, yaml);
  // For clients, one that has errors says nothing at all: its test weighs 1.
  const details = isTried ? readTapDetails(yaml) : readScoredFields(yaml);
  if (details) test.details = details;
  if (isTried) scan.yamlCharacters += yaml.length;
  if (!details) scan.unreadableBlocks++;
  if (!details || !isTried)
    scan.document.problems.push(`test ${test.number}: its YAML block cannot be read, or is too much to read`);
}

/**
 * Keeps the whole within bounds: what has errors can take the YAML reader a time quadratic in its length. What is not even
 * tried takes nothing from the blocks after it.
 */
function mayRead(scan: Scan, yaml: string): boolean {
  if (scan.yamlCharacters + yaml.length > YAML_TOTAL_CHARACTERS_MAX) return false;
  return scan.unreadableBlocks < UNREADABLE_BLOCKS_MAX && !isTooMuchYaml(yaml);
}
