import type { Paint } from '../paint.ts';
import { type Column, renderTable } from '../render-table.ts';
import type { ReceivedCommand, ReceivedResult } from './read-post.ts';
import { titleSubmissions } from './title-submissions.ts';

/** A submission and what became of it. */
export interface SubmissionReport {
  readonly example: string;
  readonly submission: string;
  readonly result: ReceivedResult;
  /** From the answer to the PUT to the arrival of the result. */
  readonly deliveredMs: number;
  /** In what it differs from what it had to come to. */
  readonly differences: readonly string[];
}

const PHASES = [
  ['queued', 'queued_ms'],
  ['image', 'image_ms'],
  ['files', 'files_ms'],
  ['container', 'container_ms'],
  ['unpack', 'unpack_ms'],
  ['commands', 'commands_ms'],
  ['total', 'total_ms'],
] as const;

const COLUMNS: readonly Column[] = [
  { title: 'submission', align: 'left' },
  { title: 'tests passed', align: 'right' },
  { title: 'score', align: 'right' },
  ...PHASES.map(([title]): Column => ({ title, align: 'right' })),
  { title: 'delivered', align: 'right' },
];

const MESSAGE_CHARACTERS_MAX = 100;

/** All that came out: a table of the submissions, then each with what went wrong in it, then what is not as expected. */
export function renderReport(reports: readonly SubmissionReport[], paint: Paint): string {
  const titleOf = titleSubmissions(reports);
  const table = renderTable(
    COLUMNS,
    reports.map((report) => [titleOf(report), ...cellsOf(report)]),
  );
  const details = reports.map((report) => renderDetails(report, titleOf(report), paint)).join('');
  const surprises = reports.filter((report) => report.differences.length > 0).length;
  const verdict =
    surprises === 0
      ? paint('green', `All ${reports.length} results are what expected.json says`)
      : paint('red', `${surprises} of ${reports.length} results are not what expected.json says`);
  return `\n${table}${paint('dim', 'Times are in milliseconds; "delivered" is from the PUT to the result at the client.')}\n${details}\n${verdict}\n`;
}

function cellsOf({ result, deliveredMs }: SubmissionReport): string[] {
  const { tests, score, timings } = result;
  const passed = tests?.filter((test) => test.status === 'passed').length;
  return [
    tests === null ? '–' : `${passed} of ${tests.length}`,
    score === null ? '–' : `${score.earned} / ${score.available}`,
    ...PHASES.map(([, name]) => timings.get(name)?.toFixed(0) ?? '–'),
    deliveredMs.toFixed(0),
  ];
}

function renderDetails({ result, differences }: SubmissionReport, title: string, paint: Paint): string {
  const failed = result.tests?.filter((test) => test.status !== 'passed') ?? [];
  const lines = [
    ...result.errors.map(printable),
    ...result.commands.filter(hasFailed).map(describeFailure),
    ...failed.map(
      ({ name, message }) => `${printable(name)}${message === undefined ? '' : `: ${printable(message)}`}`,
    ),
  ].map((line) => `  ${line}\n`);
  const surprises = differences.map((difference) => `  ${paint('red', printable(difference))}\n`);
  if (lines.length + surprises.length === 0) return '';
  return `\n${paint('bold', title)}\n${lines.join('')}${surprises.join('')}`;
}

function hasFailed({ status, limit }: ReceivedCommand): boolean {
  return status !== 0 || limit !== null;
}

/** What a person wants to know of a command that failed: the limit that it hit, else the last that it complained of. */
function describeFailure({ cmd, status, sentence, stderr }: ReceivedCommand): string {
  const command = printable(typeof cmd === 'string' ? cmd : cmd.join(' '));
  const complaint = stderr.trim().split('\n').at(-1) ?? '';
  const reason = sentence ?? (complaint === '' ? `status ${status}` : complaint);
  return `${command}: ${printable(reason)}`;
}

/** The first line of a text, short. Submissions decide what stands in it: no control character reaches the terminal. */
function printable(text: string): string {
  const [first = ''] = text.trim().split('\n', 1);
  const clean = first.replace(/\p{C}/gu, '');
  return clean.length > MESSAGE_CHARACTERS_MAX ? `${clean.slice(0, MESSAGE_CHARACTERS_MAX)}…` : clean;
}
