import { COMMAND_TIMEOUT_SECONDS_DEFAULT, type GradingScript, type Predicate } from './grading-script.ts';
import {
  edgesOf,
  follow,
  graphOf,
  type LocatedCommand,
  type NamedEdge,
  type ScriptGraph,
} from './script-graph.ts';

/** Where a step leads: another step's index, or an ending of the script. */
export type FlatTarget = number | 'output' | 'abort';

/** A command of the script, with its edges resolved. */
export type FlatStep = FlatShellStep | FlatConditionStep;

/** A step that runs a program. */
export interface FlatShellStep {
  readonly kind: 'shell';
  /** Where it stands in the script, such as `script[2].on_fail[0]`. */
  readonly path: string;
  readonly cmd: string | string[];
  readonly workingDir: string | null;
  readonly timeoutSeconds: number;
  readonly keepProcesses: boolean;
  readonly onSuccess: FlatTarget;
  readonly onFailure: FlatTarget;
}

/** A step that looks at the file system and branches. */
export interface FlatConditionStep {
  readonly kind: 'condition';
  /** Where it stands in the script. */
  readonly path: string;
  readonly predicate: Predicate;
  readonly operand: string;
  readonly onTrue: FlatTarget;
  readonly onFalse: FlatTarget;
}

/**
 * Flattens a script: each command becomes a step, in the order in which they are written, every edge resolved.
 *
 * @param script one that `checkGradingScript` finds nothing wrong with
 * @returns the steps; the script starts at the first
 * @throws {TypeError} for an edge that leads nowhere
 */
export function flattenScript(script: GradingScript): FlatStep[] {
  const graph = graphOf(script);
  return graph.commands.map((located) => flattenCommand(graph, located));
}

function flattenCommand(graph: ScriptGraph, located: LocatedCommand): FlatStep {
  const { command, path } = located;
  const [first, second] = edgesOf(command);
  if ('cmd' in command) {
    return {
      kind: 'shell',
      path: path.text,
      cmd: command.cmd,
      workingDir: command.working_dir ?? null,
      timeoutSeconds: command.timeout ?? COMMAND_TIMEOUT_SECONDS_DEFAULT,
      keepProcesses: command.keep_processes ?? false,
      onSuccess: targetOf(graph, located, first),
      onFailure: targetOf(graph, located, second),
    };
  }
  const { predicate, path: operand } = command.condition;
  return {
    kind: 'condition',
    path: path.text,
    predicate,
    operand,
    onTrue: targetOf(graph, located, first),
    onFalse: targetOf(graph, located, second),
  };
}

function targetOf(graph: ScriptGraph, from: LocatedCommand, edge: NamedEdge): FlatTarget {
  const destination = follow(graph, from, edge);
  switch (destination.kind) {
    case 'command':
      return destination.position;
    case 'ending':
      return destination.ending;
    case 'nowhere':
      throw new TypeError(`Cannot flatten "${from.path.text}.${edge.name}": it leads nowhere`);
    default:
      return destination satisfies never;
  }
}
