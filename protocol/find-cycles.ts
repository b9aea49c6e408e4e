import type { JsonPath } from './json-path.ts';
import { type EdgeName, edgesOf, follow, type LocatedCommand, type ScriptGraph } from './script-graph.ts';

/** An edge that leads back, and the commands that it makes a circle of. */
export interface Cycle {
  readonly from: LocatedCommand;
  readonly edge: EdgeName;
  /** From the command that the edge leads to, to the one that it leaves. */
  readonly members: readonly LocatedCommand[];
}

/** The commands that a command can lead to, with the edges that do. */
function successors(graph: ScriptGraph, from: LocatedCommand): { edge: EdgeName; position: number }[] {
  return edgesOf(from.command).flatMap((edge) => {
    const destination = follow(graph, from, edge);
    return destination.kind === 'command' ? [{ edge: edge.name, position: destination.position }] : [];
  });
}

/**
 * Finds the edges that close a cycle, those among commands that cannot be reached too: one depth-first walk, linear in
 * the commands, however many paths there are. Recurses at most as deep as there are commands.
 *
 * @returns one cycle for each edge that leads back to a command on the way to it
 */
export function findCycles(graph: ScriptGraph): Cycle[] {
  const cycles: Cycle[] = [];
  const finished = new Set<number>();
  const way: number[] = [];

  function visit(position: number): void {
    const from = graph.commands[position];
    if (!from || finished.has(position)) return;
    way.push(position);
    for (const successor of successors(graph, from)) {
      const start = way.indexOf(successor.position);
      if (start < 0) visit(successor.position);
      else {
        const members = way.slice(start).flatMap((each) => graph.commands[each] ?? []);
        cycles.push({ from, edge: successor.edge, members });
      }
    }
    way.pop();
    finished.add(position);
  }

  for (const position of graph.commands.keys()) visit(position);
  return cycles;
}

/**
 * Finds the commands that no way from the first one leads to.
 *
 * @returns their paths, in the order of the script
 */
export function findUnreachable(graph: ScriptGraph): JsonPath[] {
  const reached = new Set([0]);
  // A set visits what is added while it is walked.
  for (const position of reached) {
    const from = graph.commands[position];
    if (from) for (const successor of successors(graph, from)) reached.add(successor.position);
  }
  return graph.commands.filter((_, position) => !reached.has(position)).map(({ path }) => path);
}
