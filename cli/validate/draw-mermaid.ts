import type { DrawnEdge, DrawnStep, ScriptDrawing } from './script-drawing.ts';
import { showText } from '../show-text.ts';

/** Longest text of a node; a picture is no listing. */
const TEXT_CHARACTERS_MAX = 80;

const SHAPES = { command: ['["', '"]'], condition: ['{{"', '"}}'] } as const;

/**
 * Draws a script as a Mermaid flowchart: pure. Each step is a node, each edge a line of its own.
 *
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function drawMermaid({ steps }: ScriptDrawing): string {
  const lines = ['flowchart TD'];
  for (const step of steps) {
    const [open, close] = SHAPES[step.kind];
    lines.push(`  s${step.number}${open}${linesOf(step).map(escapeMermaid).join('<br/>')}${close}`);
  }
  for (const ending of endingsOf(steps)) lines.push(`  ${ending}(["${ending}"])`);
  for (const step of steps)
    for (const { name, target } of step.edges)
      lines.push(`  s${step.number} -->|${name}| ${typeof target === 'number' ? `s${target}` : target}`);
  return `${lines.join('\n')}\n`;
}

/** The endings that are reached, each once. */
export function endingsOf(steps: readonly DrawnStep[]): Extract<DrawnEdge['target'], string>[] {
  const targets = new Set(steps.flatMap(({ edges }) => edges.map(({ target }) => target)));
  return (['output', 'abort'] as const).filter((ending) => targets.has(ending));
}

/** What stands in the node of a step, line by line; not escaped, but fit to be shown. */
export function linesOf({ number, label, text, remarks, isReached }: DrawnStep): string[] {
  const title = label === null ? String(number) : `${number} ${label}`;
  const lines = [title, text, ...remarks, ...(isReached ? [] : ['never runs'])];
  return lines.map((line) => cutCharacters(showText(line)));
}

/**
 * Escapes a text for a quoted label: all but plain letters, digits and a few marks becomes a numbered entity, so that
 * there is nothing left that could end the label, be markup, or be taken for a directive.
 */
export function escapeMermaid(text: string): string {
  return text.replace(/[^A-Za-z0-9 ._/,-]/gu, (character) => `#${character.codePointAt(0)};`);
}

function cutCharacters(text: string): string {
  const characters = [...text];
  if (characters.length <= TEXT_CHARACTERS_MAX) return text;
  return `${characters.slice(0, TEXT_CHARACTERS_MAX - 1).join('')}…`;
}
