import type { Edge, GradingScript, ScriptCommand } from './grading-script.ts';
import { itemPath, type JsonPath, memberPath, rootPath } from './json-path.ts';

/** The members of a command that lead to another. */
export type EdgeName = 'on_complete' | 'on_fail' | 'on_true' | 'on_false';

/** One edge of a command, as written or by default. */
export interface NamedEdge {
  readonly name: EdgeName;
  readonly edge: Edge;
}

/** A command and its place. Positions count all commands of a script, each before those of its sub-scripts. */
export interface LocatedCommand {
  readonly command: ScriptCommand;
  readonly path: JsonPath;
  /** Positions of the commands of the list in which it stands. */
  readonly list: readonly number[];
  /** Where `"next"` leads; `null` at the very end of the script. */
  readonly next: number | null;
  /** Where the sub-scripts of its edges begin. */
  readonly entries: ReadonlyMap<EdgeName, number>;
}

/** A script as a graph. */
export interface ScriptGraph {
  /** By position. */
  readonly commands: readonly LocatedCommand[];
  /** Positions by label; of a label given twice, the first. */
  readonly labels: ReadonlyMap<string, number>;
}

/** Where an edge leads; or that it leads nowhere, because of an unknown label, index or word. */
export type Destination =
  | { readonly kind: 'command'; readonly position: number }
  | { readonly kind: 'ending'; readonly ending: 'output' | 'abort' }
  | { readonly kind: 'nowhere'; readonly reason: 'label' | 'index' | 'word' };

/** The edges of a command: success first, then failure; true first, then false. */
export function edgesOf(command: ScriptCommand): readonly [NamedEdge, NamedEdge] {
  if ('cmd' in command) {
    return [
      { name: 'on_complete', edge: command.on_complete ?? 'next' },
      { name: 'on_fail', edge: command.on_fail ?? 'abort' },
    ];
  }
  return [
    { name: 'on_true', edge: command.on_true ?? 'next' },
    { name: 'on_false', edge: command.on_false ?? 'next' },
  ];
}

interface Draft {
  readonly command: ScriptCommand;
  readonly path: JsonPath;
  readonly list: number[];
  readonly index: number;
  readonly parent: number | null;
  readonly entries: Map<EdgeName, number>;
}

/** Adds the commands of a list and of its sub-scripts. Recurses as deep as the script nests. */
function addList(drafts: Draft[], script: GradingScript, path: JsonPath, parent: number | null): void {
  const list: number[] = [];
  for (const [index, command] of script.entries()) {
    const position = drafts.length;
    const draft = { command, path: itemPath(path, index), list, index, parent, entries: new Map() };
    list.push(position);
    drafts.push(draft);
    for (const { name, edge } of edgesOf(command)) {
      if (typeof edge !== 'object' || edge.length === 0) continue;
      draft.entries.set(name, drafts.length);
      addList(drafts, edge, memberPath(draft.path, name), position);
    }
  }
}

/**
 * Lays out a script as a graph, in time linear in its commands.
 *
 * @param script of the schema, nesting no deeper than `SCRIPT_NESTING_MAX`; labels and indices need not be right
 */
export function graphOf(script: GradingScript, path: JsonPath = rootPath('script')): ScriptGraph {
  const drafts: Draft[] = [];
  addList(drafts, script, path, null);
  const commands: LocatedCommand[] = [];
  const labels = new Map<string, number>();
  for (const [position, { command, path, list, index, parent, entries }] of drafts.entries()) {
    // A parent stands before its sub-scripts, so that its own `next` is known by now.
    const afterList = parent === null ? null : (commands[parent]?.next ?? null);
    commands.push({ command, path, list, entries, next: list[index + 1] ?? afterList });
    if (command.label !== undefined && !labels.has(command.label)) labels.set(command.label, position);
  }
  return { commands, labels };
}

/** At the very end the script ends: as by `output` after a success, as by `abort` otherwise. */
function afterwards(from: LocatedCommand, name: EdgeName): Destination {
  if (from.next !== null) return { kind: 'command', position: from.next };
  return { kind: 'ending', ending: name === 'on_complete' ? 'output' : 'abort' };
}

/**
 * Follows an edge.
 *
 * @returns where it leads, or what about it is wrong
 */
export function follow(graph: ScriptGraph, from: LocatedCommand, { name, edge }: NamedEdge): Destination {
  if (typeof edge === 'number') {
    const position = from.list[edge];
    return position === undefined ? { kind: 'nowhere', reason: 'index' } : { kind: 'command', position };
  }
  if (typeof edge === 'object') {
    const position = from.entries.get(name);
    return position === undefined ? afterwards(from, name) : { kind: 'command', position };
  }
  if (edge === 'next') return afterwards(from, name);
  if (edge === 'output' || edge === 'abort') {
    const isAllowed = name === (edge === 'output' ? 'on_complete' : 'on_fail');
    return isAllowed ? { kind: 'ending', ending: edge } : { kind: 'nowhere', reason: 'word' };
  }
  const position = graph.labels.get(edge);
  return position === undefined ? { kind: 'nowhere', reason: 'label' } : { kind: 'command', position };
}
