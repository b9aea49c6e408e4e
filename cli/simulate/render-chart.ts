import { showTime } from './render-svg.ts';

const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const ROWS = 8;

/**
 * Draws counts over time in blocks, for a terminal.
 *
 * @param values one for each column
 * @param stepSeconds from one column to the next
 * @returns lines that end in a line break
 */
export function renderChart(title: string, values: readonly number[], stepSeconds: number): string {
  const top = Math.max(1, ...values);
  const labels = [String(top), '0'];
  const width = Math.max(...labels.map((label) => label.length));
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const below = ROWS - 1 - row;
    const label = row === 0 ? labels[0] : row === ROWS - 1 ? labels[1] : '';
    const blocks = values.map((value) => blockOf((value / top) * ROWS - below)).join('');
    return `${(label ?? '').padStart(width)} ┤${blocks}`;
  });
  const end = showTime(values.length * stepSeconds);
  const axis = `${' '.repeat(width)} └${'─'.repeat(values.length)}`;
  const times = `${' '.repeat(width + 2)}0${end.padStart(values.length - 1)}`;
  return `${[title, ...rows.map((row) => row.trimEnd()), axis, times].join('\n')}\n`;
}

/** How much of one character is filled; what is there at all is seen. */
function blockOf(fill: number): string {
  const eighths = Math.min(8, Math.max(0, Math.ceil(fill * 8)));
  return EIGHTHS[eighths] ?? ' ';
}
