import {
  type Destination,
  type EdgeName,
  edgesOf,
  follow,
  type GradingScript,
  graphOf,
  type LocatedCommand,
  type ScriptCommand,
  type ScriptGraph,
} from '@orca/protocol';

/** A script as pictures show it. */
export interface ScriptDrawing {
  /** In the order in which they are written; the script starts at the first. */
  readonly steps: readonly DrawnStep[];
}

/** A command of a script, as pictures show it. Texts are as they were written: each picture escapes them its own way. */
export interface DrawnStep {
  /** Its place among all commands, from 1. */
  readonly number: number;
  /** Such as `script[2].on_fail[0]`. */
  readonly path: string;
  readonly label: string | null;
  readonly kind: 'command' | 'condition';
  /** What it runs, or what it asks. */
  readonly text: string;
  /** What is not as usual: `in $BUILD`, `at most 5 s`. */
  readonly remarks: readonly string[];
  readonly isReached: boolean;
  /** How many sub-scripts it stands in. */
  readonly depth: number;
  /** Success first, then failure; true first, then false. */
  readonly edges: readonly [DrawnEdge, DrawnEdge];
}

/** A way from a command to another, or to an ending. */
export interface DrawnEdge {
  readonly name: EdgeName;
  /** Numbers count from 1, as the steps do. */
  readonly target: number | 'output' | 'abort';
  /** The numbers of the commands of the sub-script that stands here, those of its own sub-scripts left out. */
  readonly subScript: readonly number[];
}

const QUESTIONS = { exists: 'is there', file: 'is a file', dir: 'is a folder' } as const;
const PLAIN_ARGUMENT = /^[\w@%+=:,./$-]+$/;

/**
 * Lays out a script for drawing: pure.
 *
 * @param script one that `checkGradingScript` finds nothing wrong with
 * @throws {TypeError} for an edge that leads nowhere
 */
export function drawingOf(script: GradingScript): ScriptDrawing {
  const graph = graphOf(script);
  const targets = graph.commands.map((located) =>
    edgesOf(located.command).map((edge) => targetOf(located, follow(graph, located, edge))),
  );
  const reached = new Set([1]);
  // A set visits what is added while it is walked.
  for (const number of reached)
    for (const target of targets[number - 1] ?? []) if (typeof target === 'number') reached.add(target);
  const depths = depthsOf(graph);
  const steps = graph.commands.map((located, position): DrawnStep => {
    const { command, path } = located;
    const [first, second] = edgesOf(command);
    const [firstTarget = 'abort', secondTarget = 'abort'] = targets[position] ?? [];
    return {
      number: position + 1,
      path: path.text,
      label: command.label ?? null,
      ...describe(command),
      isReached: reached.has(position + 1),
      depth: depths.get(position) ?? 0,
      edges: [
        { name: first.name, target: firstTarget, subScript: subScriptAt(graph, located, first.name) },
        { name: second.name, target: secondTarget, subScript: subScriptAt(graph, located, second.name) },
      ],
    };
  });
  return { steps };
}

function targetOf(from: LocatedCommand, destination: Destination): DrawnEdge['target'] {
  switch (destination.kind) {
    case 'command':
      return destination.position + 1;
    case 'ending':
      return destination.ending;
    case 'nowhere':
      throw new TypeError(`Cannot draw "${from.path.text}": an edge of it leads nowhere`);
    default:
      return destination satisfies never;
  }
}

function subScriptAt(graph: ScriptGraph, located: LocatedCommand, name: EdgeName): number[] {
  const entry = located.entries.get(name);
  const list = entry === undefined ? [] : (graph.commands[entry]?.list ?? []);
  return list.map((position) => position + 1);
}

/** Commands stand before those of their sub-scripts, so that a parent's depth is known by then. */
function depthsOf(graph: ScriptGraph): Map<number, number> {
  const depths = new Map<number, number>();
  for (const [position, { entries }] of graph.commands.entries()) {
    const depth = depths.get(position) ?? 0;
    for (const entry of entries.values())
      for (const inside of graph.commands[entry]?.list ?? []) depths.set(inside, depth + 1);
  }
  return depths;
}

function describe(command: ScriptCommand): Pick<DrawnStep, 'kind' | 'text' | 'remarks'> {
  if ('condition' in command) {
    const { predicate, path } = command.condition;
    return { kind: 'condition', text: `${path} ${QUESTIONS[predicate]}?`, remarks: [] };
  }
  const { cmd, working_dir, timeout, keep_processes } = command;
  const remarks = [
    ...(working_dir === undefined ? [] : [`in ${working_dir}`]),
    ...(timeout === undefined ? [] : [`at most ${timeout} s`]),
    ...(keep_processes === true ? ['what it starts may run on'] : []),
  ];
  return { kind: 'command', text: typeof cmd === 'string' ? cmd : cmd.map(quote).join(' '), remarks };
}

/** As a person would type it: lists have no shell, but a blank inside of an argument must be seen. */
function quote(argument: string): string {
  return PLAIN_ARGUMENT.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
