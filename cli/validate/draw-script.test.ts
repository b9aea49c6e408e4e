import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkGradingScript, type FlatTarget, flattenScript, type GradingScript } from '@orca/protocol';
import { arbitraryScript } from '@orca/protocol/testing';
import fc from 'fast-check';
import { drawBoxes } from './draw-boxes.ts';
import { drawDot } from './draw-dot.ts';
import { drawMermaid } from './draw-mermaid.ts';
import { drawingOf } from './script-drawing.ts';
import { columnsOf } from '../show-text.ts';

const runnable = arbitraryScript.filter((script) => checkGradingScript(script).length === 0);

const PLAIN = { columns: 80, paint: (_style: string, text: string): string => text };

/** Every edge of a script as `1 on_complete 2`, found by the code that the harness gets its steps from. */
function edgesByFlattening(script: GradingScript): string[] {
  const show = (target: FlatTarget): string => (typeof target === 'number' ? String(target + 1) : target);
  return flattenScript(script)
    .flatMap((step, index) =>
      step.kind === 'shell'
        ? [`${index + 1} on_complete ${show(step.onSuccess)}`, `${index + 1} on_fail ${show(step.onFailure)}`]
        : [`${index + 1} on_true ${show(step.onTrue)}`, `${index + 1} on_false ${show(step.onFalse)}`],
    )
    .sort();
}

const numbersOf = (script: GradingScript): string[] =>
  flattenScript(script)
    .map((_, index) => String(index + 1))
    .sort();

/** Reads a picture: nodes and edges, one a line; every other line must be known. */
function readPicture(
  picture: string,
  patterns: { readonly node: RegExp; readonly edge: RegExp; readonly other: RegExp },
): { nodes: string[]; edges: string[] } {
  const nodes: string[] = [];
  const edges: string[] = [];
  for (const line of picture.trimEnd().split('\n')) {
    const node = patterns.node.exec(line)?.groups;
    const edge = patterns.edge.exec(line)?.groups;
    if (edge !== undefined) edges.push(`${edge['from']} ${edge['name']} ${edge['to']?.replace(/^s/, '')}`);
    else if (node !== undefined) nodes.push(node['number'] ?? '');
    else assert.match(line, patterns.other);
  }
  return { nodes: nodes.sort(), edges: edges.sort() };
}

const MERMAID = {
  node: /^ {2}s(?<number>\d+)(\["|\{\{")([A-Za-z0-9 ._/,-]|#\d+;|<br\/>)*("\]|"\}\})$/,
  edge: /^ {2}s(?<from>\d+) -->\|(?<name>on_\w+)\| (?<to>s\d+|output|abort)$/,
  other: /^(flowchart TD| {2}(output|abort)\(\["(output|abort)"\]\))$/,
};

const DOT = {
  node: /^ {2}s(?<number>\d+) \[shape=(box|hexagon), label="([^"\\]|\\\\|\\"|\\l)*"\]$/,
  edge: /^ {2}s(?<from>\d+) -> (?<to>s\d+|output|abort) \[label="(?<name>on_\w+)"\]$/,
  other:
    /^(digraph script \{| {2}node \[fontname="monospace"\]| {2}(output|abort) \[shape=oval, label="\w+"\]|\})$/,
};

const BOXES = {
  // The edges of boxes around it stand to its left.
  node: /^[ │]*┌─ (?<number>\d+) .*┐$/,
  edge: /^(?<box>[ │]*)[├└]─ (?<name>on_\w+) ──▶ (?<to>\d+|output|abort)( .*)?(, a sub-script:)?$/,
  other: /^[ │]*(│.*│|└─┬─+┘)$/,
};

describe('a script is drawn with every step once and every edge once', () => {
  test('drawMermaid()', () => {
    fc.assert(
      fc.property(runnable, (script) => {
        const { nodes, edges } = readPicture(drawMermaid(drawingOf(script)), MERMAID);
        assert.deepEqual([nodes, edges], [numbersOf(script), edgesByFlattening(script)]);
      }),
    );
  });

  test('drawDot()', () => {
    fc.assert(
      fc.property(runnable, (script) => {
        const { nodes, edges } = readPicture(drawDot(drawingOf(script)), DOT);
        assert.deepEqual([nodes, edges], [numbersOf(script), edgesByFlattening(script)]);
      }),
    );
  });

  test('drawBoxes()', () => {
    fc.assert(
      fc.property(runnable, (script) => {
        const nodes: string[] = [];
        const edges: string[] = [];
        /** The boxes whose edges are still to come, the innermost last. */
        const open: { number: string; left: number }[] = [];
        for (const line of drawBoxes(drawingOf(script), PLAIN).trimEnd().split('\n')) {
          const node = BOXES.node.exec(line)?.groups?.['number'];
          const edge = BOXES.edge.exec(line)?.groups;
          if (node !== undefined) {
            nodes.push(node);
            open.push({ number: node, left: 2 });
          } else if (edge !== undefined) {
            while (open.at(-1)?.left === 0) open.pop();
            const box = open.at(-1);
            assert.ok(box !== undefined, 'an edge stands below its box');
            box.left -= 1;
            edges.push(`${box.number} ${edge['name']} ${edge['to']}`);
          } else assert.match(line, BOXES.other);
        }
        assert.deepEqual([nodes.sort(), edges.sort()], [numbersOf(script), edgesByFlattening(script)]);
      }),
    );
  });
});

/** Texts that try to get out of where they stand. */
const hostile = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '"]\n  s1 --> s9["',
    '"];\nclick s1 call alert()',
    '%%{init: {"securityLevel": "loose"}}%%',
    '<img src=x onerror=alert(1)>',
    '#quot;]',
    '`**bold**`',
    'style x:y#z;',
    '"]; s9 [label="x',
    '\\',
    '\\N \\" \\l',
    '&lt;',
    '\u001b[2J\u001b]0;title\u0007',
    '\u202e gnp',
    'a\r\nb',
    '│ ┌─ 9 ─┐',
    '日本語'.repeat(60),
  ),
);

const hostileScript = fc
  .record({ cmd: fc.oneof(hostile, fc.array(hostile, { minLength: 1 })), label: hostile, dir: hostile })
  .map(
    ({ cmd, label, dir }): GradingScript => [
      { cmd, label, working_dir: dir, on_fail: [{ condition: { predicate: 'file', path: dir } }] },
    ],
  );

describe('a text in a script stays a text', () => {
  test('drawMermaid()', () => {
    fc.assert(
      fc.property(hostileScript, (script) => {
        const { nodes, edges } = readPicture(drawMermaid(drawingOf(script)), MERMAID);
        assert.deepEqual([nodes, edges.length], [['1', '2'], 4]);
      }),
      { numRuns: 1_000 },
    );
  });

  test('drawDot()', () => {
    fc.assert(
      fc.property(hostileScript, (script) => {
        const picture = drawDot(drawingOf(script));
        const { nodes, edges } = readPicture(picture, DOT);
        assert.deepEqual([nodes, edges.length], [['1', '2'], 4]);
        assert.doesNotMatch(picture.replaceAll('&amp;', ''), /&/);
      }),
      { numRuns: 1_000 },
    );
  });

  test('drawBoxes() keeps every box straight, and lets nothing reach the terminal', () => {
    fc.assert(
      fc.property(hostileScript, (script) => {
        const lines = drawBoxes(drawingOf(script), PLAIN).trimEnd().split('\n');
        assert.doesNotMatch(lines.join(''), /[\p{Cc}\p{Cf}\p{Cs}]/u);
        for (const line of lines) {
          const isOuterBox = /^[┌└│].*[┐┘│]$/.test(line);
          if (isOuterBox) assert.equal(columnsOf(line), PLAIN.columns, line);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

test('drawMermaid() and drawDot() show what was written, escaped', () => {
  const drawing = drawingOf([{ cmd: 'echo "a & b"\necho $HOME', label: 'say' }]);
  assert.match(drawMermaid(drawing), /s1\["1 say<br\/>echo #34;a #38; b#34; #8629; echo #36;HOME"\]/);
  assert.match(drawDot(drawing), /label="1 say\\lecho \\"a &amp; b\\" ↵ echo \$HOME\\l"/);
});

test('drawBoxes() shows label, path, remarks and what never runs', () => {
  const script: GradingScript = [
    { cmd: ['make', 'all of it'], label: 'build', timeout: 5, on_complete: 'output', on_fail: 'abort' },
    { cmd: 'lost' },
  ];
  assert.equal(
    drawBoxes(drawingOf(script), { ...PLAIN, columns: 44 }),
    `┌─ 1 build ──────────────────── script[0] ─┐
│ $ make 'all of it'                       │
│   at most 5 s                            │
└─┬────────────────────────────────────────┘
  ├─ on_complete ──▶ output
  └─ on_fail ──▶ abort
┌─ 2 ────────────────────────── script[1] ─┐
│ $ lost                                   │
│   never runs: no command leads here      │
└─┬────────────────────────────────────────┘
  ├─ on_complete ──▶ output
  └─ on_fail ──▶ abort
`,
  );
});

test('drawBoxes() cuts a command to the width', () => {
  const picture = drawBoxes(drawingOf([{ cmd: 'x'.repeat(500), label: 'l'.repeat(64) }]), {
    ...PLAIN,
    columns: 40,
  });
  for (const line of picture.trimEnd().split('\n')) assert.ok(columnsOf(line) <= 40, line);
  assert.match(picture, /xx… │\n/);
});
