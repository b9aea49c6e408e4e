/** How a column is set. */
export interface Column {
  readonly title: string;
  /** Numbers stand at the right. */
  readonly align: 'left' | 'right';
}

const GAP = '  ';

/** Sets rows in columns as wide as their widest cell. Cells hold no control characters; a missing one is empty. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const titles = columns.map((column) => column.title);
  const lines = [titles, ...rows];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => (line[index] ?? '').length)));
  const set = (line: readonly string[]): string =>
    columns
      .map(({ align }, index) => {
        const cell = line[index] ?? '';
        const width = widths[index] ?? 0;
        return align === 'left' ? cell.padEnd(width) : cell.padStart(width);
      })
      .join(GAP)
      .trimEnd();
  return `${lines.map(set).join('\n')}\n`;
}
