import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadEnvironment } from '@orca/daemon';
import { createPaint, type Paint, wantsColours } from '../paint.ts';
import { type JsonSource, nameOfSource, readSource, STDIN } from '../read-source.ts';
import { type Checked, checkHomeSource, checkSource } from './check-source.ts';
import { drawBoxes } from './draw-boxes.ts';
import { drawDot } from './draw-dot.ts';
import { drawMermaid } from './draw-mermaid.ts';
import type { DrawingFormat } from './drawing-format.ts';
import type { ValidateOptions } from './register.ts';
import type { ScriptDrawing } from './script-drawing.ts';
import { showText } from '../show-text.ts';

const INVALID_STATUS = 1;
const DEFAULT_COLUMNS = 80;

/**
 * Checks a job or a script and draws it: the picture, and nothing else, on standard output, what is to be said on
 * standard error.
 *
 * @param path of a file; `-`: standard input
 * @returns the exit status: 0 when it is valid, 1 when it is not
 * @throws {UserError} when the file cannot be read
 */
export async function runValidate(path: string, options: ValidateOptions): Promise<number> {
  const env = loadEnvironment();
  const source = await readSource(path);
  const checked = source.kind === 'json' ? check(source.value, path, options) : null;
  if (options.json) {
    process.stdout.write(`${JSON.stringify(reportOf(source, checked), null, 2)}\n`);
  } else {
    const paint = createPaint(wantsColours(process.stderr, env));
    for (const line of linesOf(nameOfSource(path), source, checked, paint)) process.stderr.write(`${line}\n`);
    if (checked?.kind === 'valid') {
      const columns = process.stdout.columns || DEFAULT_COLUMNS;
      const painting = createPaint(wantsColours(process.stdout, env));
      process.stdout.write(draw(checked.drawing, options.format, { columns, paint: painting }));
    }
  }
  return checked?.kind === 'valid' ? 0 : INVALID_STATUS;
}

function check(value: unknown, path: string, { atHome }: ValidateOptions): Checked {
  if (!atHome) return checkSource(value);
  const folder = path === STDIN ? process.cwd() : dirname(resolve(path));
  return checkHomeSource(value, pathToFileURL(`${folder}/`).href);
}

function draw(
  drawing: ScriptDrawing,
  format: DrawingFormat,
  terminal: { readonly columns: number; readonly paint: Paint },
): string {
  switch (format) {
    case 'boxes':
      return drawBoxes(drawing, terminal);
    case 'mermaid':
      return drawMermaid(drawing);
    case 'dot':
      return drawDot(drawing);
    default:
      return format satisfies never;
  }
}

/** What a program reads: the members are documented in docs/guides/grade-at-home.md. */
function reportOf(source: JsonSource, checked: Checked | null): object {
  if (source.kind === 'broken') return { valid: false, what: null, errors: [source.sentence], warnings: [] };
  if (checked?.kind !== 'valid')
    return { valid: false, what: checked?.what ?? null, errors: checked?.errors ?? [], warnings: [] };
  return {
    valid: true,
    what: checked.what,
    errors: [],
    warnings: checked.warnings,
    steps: checked.drawing.steps.map(({ number, path, label, kind, isReached, edges }) => ({
      number,
      path,
      label,
      kind,
      is_reached: isReached,
      edges: Object.fromEntries(edges.map(({ name, target }) => [name, target])),
    })),
  };
}

function linesOf(name: string, source: JsonSource, checked: Checked | null, paint: Paint): string[] {
  if (source.kind === 'broken') return [paint('red', showText(source.sentence))];
  if (checked === null) return [];
  if (checked.kind === 'invalid')
    return [
      paint('red', `${name}: this ${checked.what} is not valid`),
      ...checked.errors.map((sentence) => `  ${showText(sentence)}`),
    ];
  return [
    paint('green', `${name}: this ${checked.what} is valid`),
    ...checked.warnings.map((sentence) => `  ${paint('yellow', 'warning')} ${showText(sentence)}`),
  ];
}
