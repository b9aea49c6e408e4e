import { endingsOf, linesOf } from './draw-mermaid.ts';
import type { ScriptDrawing } from './script-drawing.ts';

const SHAPES = { command: 'box', condition: 'hexagon' } as const;

/**
 * Draws a script in DOT, the language of Graphviz: pure. Each step is a node, each edge a line of its own.
 *
 * @see https://graphviz.org/doc/info/lang.html
 */
export function drawDot({ steps }: ScriptDrawing): string {
  const lines = ['digraph script {', '  node [fontname="monospace"]'];
  for (const step of steps) {
    const label = linesOf(step)
      .map((line) => `${escapeDot(line)}\\l`)
      .join('');
    lines.push(`  s${step.number} [shape=${SHAPES[step.kind]}, label="${label}"]`);
  }
  for (const ending of endingsOf(steps)) lines.push(`  ${ending} [shape=oval, label="${ending}"]`);
  for (const { number, edges } of steps)
    for (const { name, target } of edges)
      lines.push(`  s${number} -> ${typeof target === 'number' ? `s${target}` : target} [label="${name}"]`);
  return `${lines.join('\n')}\n}\n`;
}

/** Escapes a text for a quoted label, in which Graphviz knows backslashes and the entities of HTML. */
export function escapeDot(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;');
}
