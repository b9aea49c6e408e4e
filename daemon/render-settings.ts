import { describeSchema } from './parse-text.ts';
import type { Setting, SettingsTable } from './settings.ts';

/** A program and its settings, as `--help` and the reference page tell of them. */
export interface Program {
  /** How it is called: `orca-worker`. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly settings: SettingsTable;
}

function describeDefault(setting: Setting): string {
  if (!('default' in setting)) return 'required';
  if (setting.default === null || setting.default === undefined) return 'unset';
  if (Array.isArray(setting.default)) return setting.default.join(',') || 'empty';
  return String(setting.default);
}

function describeValue(setting: Setting): string {
  const unit = setting.unit === undefined ? '' : ` (${setting.unit})`;
  return `${describeSchema(setting.schema)}${unit}`;
}

/**
 * The text of `--help`.
 *
 * @returns lines that end with a line feed
 */
export function renderHelp(program: Program): string {
  const lines = [
    `${program.name}: ${program.summary}`,
    '',
    'Settings (environment variables, or .env in the working folder):',
  ];
  for (const [name, setting] of Object.entries(program.settings)) {
    lines.push(
      '',
      `  ${name}  ${describeValue(setting)}; ${describeDefault(setting)}`,
      `      ${setting.doc}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function renderTable(program: Program): string {
  const rows = Object.entries(program.settings).map(([name, setting]) => {
    const cells = [`\`${name}\``, describeValue(setting), describeDefault(setting), setting.doc];
    return `| ${cells.map(escapeCell).join(' | ')} |`;
  });
  return ['| variable | value | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/**
 * A program's section of the reference page, in Markdown: what `--help-markdown` prints.
 *
 * @returns the section, ending with a line feed
 */
export function renderSettingsSection(program: Program): string {
  return `## ${program.name}\n\n${program.summary}\n\n${renderTable(program)}\n`;
}
