import type { Paint, Style } from '../paint.ts';
import { cutColumns, showText } from '../show-text.ts';
import type { Verdict } from './check.ts';
import type { Finding } from './run-checks.ts';

/** How the table is set. */
export interface FindingsOptions {
  /** Of the terminal; `null`: lines may be as long as they are. */
  readonly columns: number | null;
  readonly paint: Paint;
}

type Kind = Verdict['kind'];

const STYLES = { ok: 'green', warn: 'yellow', fail: 'red', skipped: 'dim' } as const satisfies Record<
  Kind,
  Style
>;
const KIND_COLUMNS = Math.max(...Object.keys(STYLES).map((kind) => kind.length));
const GAP = '  ';
const INDENT = '        ';
const COLUMNS_MAX = 100;

/** How many findings are of each kind. */
export function countKinds(findings: readonly Finding[]): Record<Kind, number> {
  const counts = { ok: 0, warn: 0, fail: 0, skipped: 0 };
  for (const { verdict } of findings) counts[verdict.kind] += 1;
  return counts;
}

/** A line for each check, and below them what is to be mended, with how. */
export function renderFindings(findings: readonly Finding[], options: FindingsOptions): string {
  const nameColumns = Math.max(0, ...findings.map(({ name }) => name.length));
  const lines = findings.map((finding) => renderLine(finding, nameColumns, options));
  const mends = findings.flatMap((finding) => renderMend(finding, options));
  const counts = countKinds(findings);
  const tally = [
    `${counts.ok} ok`,
    `${counts.warn} ${counts.warn === 1 ? 'warning' : 'warnings'}`,
    `${counts.fail} failed`,
    `${counts.skipped} skipped`,
  ].join(', ');
  const style = counts.fail > 0 ? 'red' : counts.warn > 0 ? 'yellow' : 'green';
  return `${[...lines, ...mends, '', options.paint(style, tally)].join('\n')}\n`;
}

function renderLine(
  { name, verdict }: Finding,
  nameColumns: number,
  { columns, paint }: FindingsOptions,
): string {
  const head = verdict.kind.padEnd(KIND_COLUMNS);
  const said = showText(verdict.kind === 'skipped' ? verdict.reason : verdict.now);
  const room = (columns ?? Number.POSITIVE_INFINITY) - KIND_COLUMNS - nameColumns - 2 * GAP.length;
  const shown = cutColumns(said, Math.max(1, room));
  return `${paint(STYLES[verdict.kind], head)}${GAP}${name.padEnd(nameColumns)}${GAP}${shown}`.trimEnd();
}

function renderMend({ name, verdict }: Finding, { columns, paint }: FindingsOptions): string[] {
  if (verdict.kind !== 'warn' && verdict.kind !== 'fail') return [];
  const wrap = (text: string): string[] =>
    wrapText(showText(text), columns === null ? null : columns - INDENT.length);
  return [
    '',
    `${paint(STYLES[verdict.kind], verdict.kind)}${GAP}${paint('bold', name)}`,
    ...wrap(verdict.now.replace(/\.?$/, '.')).map((line) => INDENT + line),
    ...wrap(`To mend: ${verdict.mend}`).map((line) => INDENT + line),
  ];
}

/** Breaks a text between words; a word that is longer than a line stays whole, so that commands can be copied. */
function wrapText(text: string, columns: number | null): string[] {
  if (columns === null) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length > Math.min(columns, COLUMNS_MAX) && line !== '') {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
