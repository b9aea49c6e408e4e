import { open } from 'node:fs/promises';
import type { Submission } from '@orca/database/simulation';
import { fieldOf } from '../json-fields.ts';
import { reasonOf } from '../read-source.ts';
import { USAGE_STATUS, UserError } from '../user-error.ts';
import { numberIn, secondsOf } from './read-trace-time.ts';

/** The columns of a trace, as CSV names them and as JSON objects do. */
const COLUMNS = ['at', 'submitter', 'seconds', 'priority', 'immediate'] as const;
const NEEDED: readonly string[] = COLUMNS.slice(0, 3);

/** One row, of whichever format; a missing column is `undefined`. */
type Row = Readonly<Partial<Record<(typeof COLUMNS)[number], unknown>>>;

/**
 * Reads a trace: JSON lines where the first line begins with `{`, else CSV with a header. `at` is in seconds or a date in
 * ISO form ({@link secondsOf}), `seconds` the time of grading, `priority` the delay.
 *
 * @returns the submissions in the order in which they came, the first one at 0
 * @throws {UserError} with the status of wrong usage, naming the line that cannot be read
 */
export async function readTrace(path: string): Promise<Submission[]> {
  try {
    await using file = await open(path);
    return await readLines(path, file.readLines());
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(`Cannot read "${path}": ${reasonOf(cause)}`, { cause, status: USAGE_STATUS });
  }
}

async function readLines(path: string, lines: AsyncIterable<string>): Promise<Submission[]> {
  const trace: Submission[] = [];
  let number = 0;
  let header: readonly string[] | null = null;
  for await (const line of lines) {
    number += 1;
    if (line.trim() === '') continue;
    const fail = (what: string): never => {
      throw new UserError(`Cannot read "${path}", line ${number}: ${what}`, { status: USAGE_STATUS });
    };
    if (header === null && !line.trimStart().startsWith('{')) header = readHeader(line, fail);
    else
      trace.push(submissionOf(header === null ? parseJson(line, fail) : parseCsv(line, header, fail), fail));
  }
  if (trace.length === 0)
    throw new UserError(`Cannot use "${path}": there is no submission in it`, { status: USAGE_STATUS });
  trace.sort((one, other) => one.atSeconds - other.atSeconds);
  const first = trace[0]?.atSeconds ?? 0;
  for (const submission of trace) submission.atSeconds -= first;
  return trace;
}

type Fail = (what: string) => never;

function readHeader(line: string, fail: Fail): readonly string[] {
  const header = line.split(',').map((name) => name.trim());
  const missing = NEEDED.filter((name) => !header.includes(name));
  if (missing.length > 0)
    fail(`it must be a JSON object, or a CSV header with the columns ${NEEDED.join(', ')}`);
  const unknown = header.find((name) => !COLUMNS.some((column) => column === name));
  if (unknown !== undefined) fail(`there is no column "${unknown}": there are ${COLUMNS.join(', ')}`);
  return header;
}

function parseJson(line: string, fail: Fail): Row {
  try {
    const json: unknown = JSON.parse(line);
    return Object.fromEntries(COLUMNS.map((column) => [column, fieldOf(json, column)]));
  } catch {
    return fail('this is no JSON');
  }
}

function parseCsv(line: string, header: readonly string[], fail: Fail): Row {
  if (line.includes('"')) fail('quotes are not understood: write such a trace as JSON lines');
  const cells = line.split(',').map((cell) => cell.trim());
  if (cells.length !== header.length) fail(`it has ${cells.length} cells, and the header ${header.length}`);
  return Object.fromEntries(header.map((name, index) => [name, cellOf(name, cells[index] ?? '')]));
}

function cellOf(name: string, cell: string): unknown {
  if (cell === '') return undefined;
  if (name === 'submitter') return cell;
  if (name === 'immediate') return cell === 'true' ? true : cell === 'false' ? false : cell;
  return numberIn(cell) ?? cell;
}

function submissionOf(row: Row, fail: Fail): Submission {
  const { at, submitter, seconds, priority = 0, immediate = false } = row;
  const atSeconds = secondsOf(at);
  if (atSeconds === null)
    return fail('"at" must be a number of seconds, or a date such as 2026-11-28T23:59:00Z');
  if (typeof submitter !== 'string' || submitter === '') return fail('"submitter" must be a text');
  if (!isAmount(seconds)) return fail('"seconds" must be the time of grading, a number of at least 0');
  if (!isAmount(priority)) return fail('"priority" must be the delay in seconds, a number of at least 0');
  if (typeof immediate !== 'boolean') return fail('"immediate" must be true or false');
  return { atSeconds, submitter, gradingSeconds: seconds, delaySeconds: priority, isImmediate: immediate };
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** A submission as a line of a trace. */
export function traceLine({ atSeconds, submitter, gradingSeconds, ...rest }: Submission): string {
  const { delaySeconds: priority, isImmediate: immediate } = rest;
  const line = { at: atSeconds, submitter, seconds: gradingSeconds, priority, immediate };
  return `${JSON.stringify(line)}\n`;
}
