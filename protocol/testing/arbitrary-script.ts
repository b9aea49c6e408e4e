import fc from 'fast-check';
import type { Edge, GradingScript, ScriptCommand } from '../grading-script.ts';

/** An edge before it is known which commands there are. `pick` chooses among them. */
type EdgeDraft =
  | { kind: 'default' | 'next' | 'ending' }
  | { kind: 'index' | 'label'; pick: number; mayGoBack: boolean }
  | { kind: 'sub'; list: CommandDraft[] };

interface CommandDraft {
  isCondition: boolean;
  hasLabel: boolean;
  first: EdgeDraft;
  second: EdgeDraft;
}

/** Labels that a careless look-up would take for members of every object. */
const ODD_LABELS = ['constructor', 'hasOwnProperty', 'toString', 'a b', '…'];

const jump = { pick: fc.nat(), mayGoBack: fc.nat(19).map((roll) => roll === 0) };

const { list } = fc.letrec<{ list: CommandDraft[]; command: CommandDraft; edge: EdgeDraft }>((tie) => ({
  list: fc.array(tie('command'), { maxLength: 4, depthIdentifier: 'script' }),
  command: fc.record({
    isCondition: fc.boolean(),
    hasLabel: fc.boolean(),
    first: tie('edge'),
    second: tie('edge'),
  }),
  edge: fc.oneof(
    { depthIdentifier: 'script', maxDepth: 6, withCrossShrink: true },
    fc.record({ kind: fc.constantFrom('default', 'next', 'ending') }),
    fc.record({ kind: fc.constantFrom('index', 'label'), ...jump }),
    fc.record({ kind: fc.constant('sub'), list: tie('list') }),
  ),
}));

function numberAll(drafts: readonly CommandDraft[], all: CommandDraft[]): void {
  for (const draft of drafts) {
    all.push(draft);
    for (const edge of [draft.first, draft.second]) if (edge.kind === 'sub') numberAll(edge.list, all);
  }
}

function labelOf(position: number): string {
  return ODD_LABELS[position] ?? `label ${position}`;
}

function pickFrom<T>(candidates: readonly T[], pick: number): T | undefined {
  return candidates[pick % Math.max(1, candidates.length)];
}

function build(drafts: readonly CommandDraft[], all: readonly CommandDraft[]): GradingScript {
  return drafts.map((draft, index): ScriptCommand => {
    const position = all.indexOf(draft);
    const label = draft.hasLabel ? { label: labelOf(position) } : {};
    const edge = (drawn: EdgeDraft, ending: Edge): { edge?: Edge } => {
      switch (drawn.kind) {
        case 'default':
          return {};
        case 'next':
          return { edge: 'next' };
        case 'ending':
          return { edge: ending };
        case 'index': {
          const indices = [...drafts.keys()].filter((each) => drawn.mayGoBack || each > index);
          return { edge: pickFrom(indices, drawn.pick) ?? 'next' };
        }
        case 'label': {
          const labelled = [...all.entries()].filter(
            ([each, other]) => other.hasLabel && (drawn.mayGoBack || each > position),
          );
          const found = pickFrom(labelled, drawn.pick);
          return { edge: found ? labelOf(found[0]) : 'next' };
        }
        case 'sub':
          return { edge: build(drawn.list, all) };
        default:
          return drawn satisfies never;
      }
    };
    if (draft.isCondition) {
      const { edge: on_true } = edge(draft.first, 'next');
      const { edge: on_false } = edge(draft.second, 'next');
      const condition = { predicate: 'exists' as const, path: `p${position}` };
      return {
        condition,
        ...label,
        ...(on_true !== undefined && { on_true }),
        ...(on_false !== undefined && { on_false }),
      };
    }
    const { edge: on_complete } = edge(draft.first, 'output');
    const { edge: on_fail } = edge(draft.second, 'abort');
    // Half of the commands have their edges in the other order: the order of JSON members means nothing.
    const edges = {
      ...(on_complete !== undefined && { on_complete }),
      ...(on_fail !== undefined && { on_fail }),
    };
    return position % 2
      ? { cmd: `c${position}`, ...edges, ...label }
      : { ...reversed(edges), ...label, cmd: `c${position}` };
  });
}

function reversed(edges: { on_complete?: Edge; on_fail?: Edge }): { on_complete?: Edge; on_fail?: Edge } {
  return Object.fromEntries(Object.entries(edges).reverse());
}

/**
 * Random scripts with sub-scripts, labels, indices and conditions, each command with a `cmd` or `path` of its own. Edges
 * lead forward but for one jump in twenty, so that most scripts have no cycle; `checkGradingScript` tells.
 */
export const arbitraryScript: fc.Arbitrary<GradingScript> = list
  .filter((drafts) => drafts.length > 0)
  .map((drafts) => {
    const all: CommandDraft[] = [];
    numberAll(drafts, all);
    return build(drafts, all);
  });
