import type { Paint } from '../paint.ts';
import type { DrawnEdge, DrawnStep, ScriptDrawing } from './script-drawing.ts';
import { columnsOf, cutColumns, showText } from '../show-text.ts';

/** How wide a picture may get, and who gives it colours. */
export interface BoxesOptions {
  /** Of the terminal; a script that nests deep may need more. */
  readonly columns: number;
  readonly paint: Paint;
}

/** A box is never narrower than this, however deep it stands. */
const BOX_COLUMNS_MIN = 24;
/** No text is easier to read in a wider one. */
const BOX_COLUMNS_MAX = 100;
/** The two edges of a box, each with a blank. */
const FRAME_COLUMNS = 4;
/** How far a sub-script stands to the right of the edge that leads to it. */
const INDENT = 5;

/**
 * Draws a script as boxes for a terminal: pure. Commands stand in the order in which they are written, below each its
 * two edges with the numbers that they lead to; a sub-script stands below its edge, further to the right.
 */
export function drawBoxes({ steps }: ScriptDrawing, options: BoxesOptions): string {
  const byNumber = new Map(steps.map((step) => [step.number, step]));
  const drawList = (numbers: readonly number[], depth: number): string[] =>
    numbers.flatMap((number) => {
      const step = byNumber.get(number);
      return step === undefined ? [] : drawStep(step, depth);
    });
  const drawStep = (step: DrawnStep, depth: number): string[] => {
    const [first, second] = step.edges;
    return [
      ...drawBox(step, depth, options),
      `  ├─ ${describeEdge(first, byNumber, options)}`,
      ...drawList(first.subScript, depth + 1).map((line) => `  │  ${line}`),
      `  └─ ${describeEdge(second, byNumber, options)}`,
      ...drawList(second.subScript, depth + 1).map((line) => `     ${line}`),
    ];
  };
  const outermost = steps.filter(({ depth }) => depth === 0).map(({ number }) => number);
  return `${drawList(outermost, 0).join('\n')}\n`;
}

function drawBox(step: DrawnStep, depth: number, { columns, paint }: BoxesOptions): string[] {
  const room = columns - depth * INDENT;
  const inner = Math.min(BOX_COLUMNS_MAX, Math.max(BOX_COLUMNS_MIN, room)) - FRAME_COLUMNS;
  const line = (text: string): string => {
    const shown = cutColumns(showText(text), inner);
    return `│ ${shown}${' '.repeat(inner - columnsOf(shown))} │`;
  };
  const mark = step.kind === 'command' ? '$' : '?';
  const remarks = [...step.remarks, ...(step.isReached ? [] : ['never runs: no command leads here'])];
  return [
    drawTop(step, inner, paint),
    line(`${mark} ${step.text}`),
    ...(remarks.length === 0 ? [] : [line(`  ${remarks.join(', ')}`)]),
    `└─┬${'─'.repeat(inner)}┘`,
  ];
}

/** The number and the label stand in the upper edge, and the path where there is room for it. */
function drawTop({ number, label, path }: DrawnStep, inner: number, paint: Paint): string {
  const title = label === null ? String(number) : `${number} ${showText(label)}`;
  const shown = cutColumns(title, inner - 2);
  const left = inner - 1 - columnsOf(shown);
  // A blank on both sides, and a bit of the edge after it.
  const gap = left - columnsOf(path) - 3;
  const rest = gap > 0 ? `${'─'.repeat(gap)} ${paint('dim', path)} ─` : '─'.repeat(left);
  return `┌─ ${paint('bold', shown)} ${rest}┐`;
}

function describeEdge(
  { name, target, subScript }: DrawnEdge,
  steps: ReadonlyMap<number, DrawnStep>,
  { paint }: BoxesOptions,
): string {
  const isGood = name === 'on_complete' || name === 'on_true';
  const shownName = paint(isGood ? 'green' : 'red', name);
  if (typeof target === 'string') return `${shownName} ──▶ ${paint('bold', target)}`;
  const label = steps.get(target)?.label ?? null;
  const shownTarget = label === null ? String(target) : `${target} ${showText(label)}`;
  return `${shownName} ──▶ ${shownTarget}${subScript.length === 0 ? '' : ', a sub-script:'}`;
}
