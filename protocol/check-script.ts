import { cutText, ERRORS_MAX } from './api-error.ts';
import { fitsSchema, isJsonObject } from './explain-mismatch.ts';
import { type Cycle, findCycles, findUnreachable } from './find-cycles.ts';
import {
  type GradingScript,
  GradingScriptSchema,
  SCRIPT_COMMANDS_MAX,
  SCRIPT_NESTING_MAX,
} from './grading-script.ts';
import {
  itemPath,
  type JsonPath,
  memberPath,
  rootPath,
  SHOWN_CHARACTERS_MAX,
  sentenceAt,
} from './json-path.ts';
import { suggestion } from './nearest-name.ts';
import {
  edgesOf,
  follow,
  graphOf,
  type LocatedCommand,
  type NamedEdge,
  type ScriptGraph,
} from './script-graph.ts';
import { takeFirst } from './take-first.ts';

/** Words that mean something as an edge. */
const RESERVED_LABELS: ReadonlySet<string> = new Set(['next', 'output', 'abort']);

/** Commands of a cycle that a sentence names; of a longer one the middle is left out. */
const CYCLE_NAMES_MAX = 8;

/**
 * Checks a grading script: shape, sizes, labels, indices, cycles. Any value will do, however deep it nests.
 *
 * @param path what the sentences call the script
 * @returns at most `ERRORS_MAX` sentences, each beginning with the path of the culprit; none when the script may run
 */
export function checkGradingScript(script: unknown, path = 'script'): string[] {
  return takeFirst(scriptProblems(script, rootPath(path)), ERRORS_MAX);
}

/** A script checked: the script itself, or every problem as a sentence. */
export type ParsedGradingScript =
  | { readonly kind: 'valid'; readonly script: GradingScript }
  | { readonly kind: 'invalid'; readonly errors: string[] };

/**
 * Checks a script that stands alone; {@link checkGradingScript} only says what is wrong.
 *
 * @param script as `JSON.parse` gives it
 * @returns the script, or at most `ERRORS_MAX` sentences, each beginning with the path of the culprit
 */
export function parseGradingScript(script: unknown): ParsedGradingScript {
  const errors = checkGradingScript(script);
  if (errors.length > 0) return { kind: 'invalid', errors };
  // No problem was found, so it fits; this call is what tells the compiler.
  if (!fitsSchema(GradingScriptSchema, script, rootPath('script'), errors))
    return { kind: 'invalid', errors };
  return { kind: 'valid', script };
}

/**
 * Finds commands that can never run: no error, but hardly meant.
 *
 * @param script one that `checkGradingScript` finds nothing wrong with
 * @returns at most `ERRORS_MAX` sentences, each beginning with a path
 */
export function unreachableCommands(script: GradingScript, path = 'script'): string[] {
  const paths = findUnreachable(graphOf(script, rootPath(path)));
  return paths
    .slice(0, ERRORS_MAX)
    .map((each) => sentenceAt(each, 'no other command leads here, it never runs'));
}

/**
 * What is wrong with a script, one sentence after another. A script of the wrong shape is not looked at further, nor are
 * cycles sought before every edge leads somewhere: what would be said then is noise.
 */
export function* scriptProblems(script: unknown, path: JsonPath): Generator<string> {
  const excess = explainSize(script, path);
  if (excess !== null) return yield excess;
  const problems: string[] = [];
  if (!fitsSchema(GradingScriptSchema, script, path, problems)) return yield* problems;
  const graph = graphOf(script, path);
  let isSound = true;
  for (const problem of ruleProblems(graph)) {
    isSound = false;
    yield problem;
  }
  if (isSound) yield* findCycles(graph).map(explainCycle);
}

/** Counts commands and nesting without recursion: it is what makes recursion over the script safe. */
function explainSize(script: unknown, path: JsonPath): string | null {
  let commands = 0;
  const open: { value: unknown; depth: number }[] = [{ value: script, depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth } = next;
    if (!Array.isArray(value)) continue;
    if (depth > SCRIPT_NESTING_MAX) return sentenceAt(path, `script nests deeper than ${SCRIPT_NESTING_MAX}`);
    commands += value.length;
    if (commands > SCRIPT_COMMANDS_MAX) {
      return sentenceAt(
        path,
        `must have at most ${SCRIPT_COMMANDS_MAX} commands in all, sub-scripts included`,
      );
    }
    for (const command of value.filter(isJsonObject)) {
      for (const name of ['on_complete', 'on_fail', 'on_true', 'on_false']) {
        open.push({ value: command[name], depth: depth + 1 });
      }
    }
  }
  return null;
}

function* ruleProblems(graph: ScriptGraph): Generator<string> {
  for (const [position, located] of graph.commands.entries()) {
    const { command, path } = located;
    if ('cmd' in command && typeof command.cmd === 'object' && command.cmd[0] === '') {
      yield sentenceAt(itemPath(memberPath(path, 'cmd'), 0), 'must name a program, is empty');
    }
    if (command.label !== undefined)
      yield* labelProblems(graph, position, command.label, memberPath(path, 'label'));
    for (const edge of edgesOf(command)) yield* edgeProblems(graph, located, edge);
  }
}

function* labelProblems(
  graph: ScriptGraph,
  position: number,
  label: string,
  path: JsonPath,
): Generator<string> {
  if (RESERVED_LABELS.has(label))
    yield sentenceAt(path, `"${label}" has a meaning of its own and is no label`);
  else if (label === '__proto__') yield sentenceAt(path, `must be another label than "${label}"`);
  else if (label.trim() !== '' && !Number.isNaN(Number(label))) {
    yield sentenceAt(path, `must not be a number, is "${label}"`);
  }
  const first = graph.labels.get(label);
  if (first !== undefined && first !== position) {
    yield sentenceAt(path, `"${label}" is already the label of ${graph.commands[first]?.path.text}`);
  }
}

function* edgeProblems(graph: ScriptGraph, from: LocatedCommand, edge: NamedEdge): Generator<string> {
  const destination = follow(graph, from, edge);
  if (destination.kind !== 'nowhere') return;
  const path = memberPath(from.path, edge.name);
  const shown = cutText(String(edge.edge), SHOWN_CHARACTERS_MAX);
  switch (destination.reason) {
    case 'index':
      return yield sentenceAt(
        path,
        `must be the index of a command in its own list, 0 to ${from.list.length - 1}, is ${shown}`,
      );
    case 'word':
      return yield sentenceAt(
        path,
        `"${shown}" is possible as ${shown === 'output' ? 'on_complete' : 'on_fail'} only`,
      );
    case 'label': {
      const isNumber = /^-?\d+$/.test(shown);
      const hint = isNumber
        ? '; an index has no quotes'
        : suggestion(shown, [...graph.labels.keys(), 'next', 'output', 'abort']);
      return yield sentenceAt(path, `no command is labelled "${shown}"${hint}`);
    }
    default:
      destination.reason satisfies never;
  }
}

function explainCycle({ from, edge, members }: Cycle): string {
  const names = members.map(({ command, path }) => command.label ?? path.text);
  if (names.length > CYCLE_NAMES_MAX) names.splice(CYCLE_NAMES_MAX / 2, names.length - CYCLE_NAMES_MAX, '…');
  const circle = [...names, names[0]].join(' → ');
  if (Object.hasOwn(from.command, edge))
    return sentenceAt(memberPath(from.path, edge), `makes a cycle: ${circle}`);
  return sentenceAt(from.path, `leads on by its default ${edge} and makes a cycle: ${circle}`);
}
