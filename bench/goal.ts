/** One of the goals that Orca has set itself, and how a run stands to it. */
export interface Goal {
  readonly sentence: string;
  readonly figure: number;
  /** `ms`, or '' for a ratio. */
  readonly unit: 'ms' | '';
  readonly limit: { readonly kind: 'at_least' | 'at_most'; readonly value: number };
}

/** Whether it is met. */
export function isMet({ figure, limit }: Goal): boolean {
  return limit.kind === 'at_least' ? figure >= limit.value : figure <= limit.value;
}

/** The rows of a table of goals, with its head. */
export function goalRows(goals: readonly Goal[]): string[][] {
  const rows = goals.map((goal) => {
    const { sentence, figure, unit, limit } = goal;
    const bound = `${limit.kind === 'at_least' ? 'at least' : 'at most'} ${limit.value} ${unit}`.trim();
    const reached = unit === 'ms' ? `${Math.round(figure)} ms` : figure.toFixed(2);
    return [sentence, bound, reached, isMet(goal) ? 'met' : '**missed**'];
  });
  return [['goal', 'limit', 'reached', ''], ...rows];
}
