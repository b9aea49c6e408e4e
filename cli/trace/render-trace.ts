import { plainLine } from '@orca/protocol';
import type { Paint } from '../paint.ts';
import { type Column, renderTable } from '../render-table.ts';
import type { Span, Trace } from './trace-job.ts';

const COLUMNS: readonly Column[] = [
  { title: 'from', align: 'right' },
  { title: 'took', align: 'right' },
  { title: '', align: 'left' },
  { title: 'phase', align: 'left' },
  { title: '', align: 'left' },
];
const BAR_CHARACTERS = 24;
/** A command is known by its beginning; what else is said, such as why a run failed, is worth a line that is longer. */
const COMMAND_CHARACTERS_MAX = 48;
const ABOUT_CHARACTERS_MAX = 200;

/** A job's time as a table, with a bar for where each part lies in the whole. */
export function renderTrace(trace: Trace, paint: Paint): string {
  const { id, state, began_at: began, total_ms: total, spans } = trace;
  const [titles = '', ...lines] = renderTable(
    COLUMNS,
    spans.map((span) => rowOf(span, total)),
  )
    .trimEnd()
    .split('\n');
  const head = `Job ${id}, ${state}; PUT at ${began}, ${Math.round(total)} ms until now or its end`;
  return `${[paint('bold', head), paint('dim', titles), ...lines].join('\n')}\n`;
}

function rowOf({ name, about, from_ms: from, ms }: Span, total: number): string[] {
  return [
    `${Math.round(from)} ms`,
    `${Math.round(ms)} ms`,
    barOf(from, ms, total),
    name,
    plainLine(about, name === 'command' ? COMMAND_CHARACTERS_MAX : ABOUT_CHARACTERS_MAX),
  ];
}

/** What took any time has a mark. */
function barOf(from: number, ms: number, total: number): string {
  const place = (at: number): number => (total === 0 ? 0 : Math.round((at / total) * BAR_CHARACTERS));
  const start = Math.min(place(from), BAR_CHARACTERS - 1);
  const length = ms > 0 ? Math.max(1, place(from + ms) - start) : 0;
  return `${'·'.repeat(start)}${'█'.repeat(length)}`.padEnd(BAR_CHARACTERS, '·');
}
