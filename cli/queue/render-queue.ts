import { plainLine } from '@orca/protocol';
import { showAge, showDuration } from '../images/show-amounts.ts';
import { fieldOf, listOf, numberOf, textOf } from '../json-fields.ts';
import type { Paint } from '../paint.ts';
import { type Column, renderTable } from '../render-table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'no.', align: 'right' },
  { title: 'job', align: 'right' },
  { title: 'submitter', align: 'left' },
  { title: 'came', align: 'right' },
  { title: 'release', align: 'left' },
  { title: 'metadata', align: 'left' },
];
const NAME_CHARACTERS_MAX = 30;
const METADATA_CHARACTERS_MAX = 80;

/** How a list is shown. */
interface Shown {
  readonly paint: Paint;
  /** How many jobs are before the first one that is shown. */
  readonly offset: number;
  readonly now: number;
}

/** A page of the queue as a table, with what the whole is like. The answer of the API; its texts are untrusted. */
export function renderQueue(list: unknown, { paint, offset, now }: Shown): string {
  const jobs = listOf(list, 'grading_jobs');
  const total = numberOf(list, 'total') ?? 0;
  if (jobs.length === 0) return `${offset === 0 ? 'No job waits' : `No job waits behind number ${offset}`}\n`;
  const rows = jobs.map((job, index) => rowOf(job, offset + index + 1, now));
  const [titles = '', ...lines] = renderTable(COLUMNS, rows).trimEnd().split('\n');
  const rest = total - offset - jobs.length;
  return `${[
    paint('bold', titles),
    ...lines,
    ...(rest > 0 ? [paint('dim', `… and ${rest} more: --offset ${offset + jobs.length}`)] : []),
    paint('dim', describeStats(fieldOf(list, 'stats'))),
  ].join('\n')}\n`;
}

function rowOf(job: unknown, number: number, now: number): string[] {
  const collation = fieldOf(job, 'collation');
  const metadata = Object.entries(Object(fieldOf(job, 'metadata_table')));
  return [
    String(number),
    String(numberOf(job, 'id') ?? ''),
    plainLine(`${textOf(collation, 'type')} ${textOf(collation, 'id')}`, NAME_CHARACTERS_MAX),
    showAge(textOf(job, 'created_at'), now),
    describeRelease(job, now),
    plainLine(metadata.map(([name, value]) => `${name}=${value}`).join(' '), METADATA_CHARACTERS_MAX),
  ];
}

function describeRelease(job: unknown, now: number): string {
  if (fieldOf(job, 'is_immediate') === true) return 'immediate';
  if (fieldOf(job, 'is_released') === true) return 'now';
  const at = Date.parse(textOf(job, 'release_at') ?? '');
  return Number.isNaN(at) ? 'not known' : `in ${showDuration(Math.max(0, at - now))}`;
}

function describeStats(stats: unknown): string {
  const all = fieldOf(stats, 'all');
  const released = fieldOf(stats, 'released');
  const wait = (one: unknown): string =>
    `${showDuration(numberOf(one, 'avg'))} on average, ${showDuration(numberOf(one, 'max'))} at most`;
  return (
    `${numberOf(all, 'num')} wait since ${wait(all)}; ` +
    `${numberOf(released, 'num')} are released since ${wait(released)}`
  );
}
