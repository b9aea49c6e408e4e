/** One of the goals that Orca has set itself, and how a run stands to it. */
export interface Goal {
  readonly sentence: string;
  readonly figure: number;
  /** `ms`, or '' for a ratio. */
  readonly unit: 'ms' | '';
  readonly limit: { readonly kind: 'at_least' | 'at_most'; readonly value: number };
}

const RATIO_DIGITS = 2;
/** Of a figure that differs from its limit only behind them nobody has to know. */
const DIGITS_MAX = 20;

/** Whether it is met. */
export function isMet({ figure, limit }: Pick<Goal, 'figure' | 'limit'>): boolean {
  return limit.kind === 'at_least' ? figure >= limit.value : figure <= limit.value;
}

/**
 * Shows the figure of a goal, with more digits where the rounded one would be judged otherwise than it was itself: 0.8971 is
 * no 0.90 that misses 0.9.
 */
export function showFigure({ figure, limit }: Pick<Goal, 'figure' | 'limit'>, digits: number): string {
  const shown = figure.toFixed(digits);
  const saysTheSame = isMet({ figure: Number(shown), limit }) === isMet({ figure, limit });
  return saysTheSame || digits >= DIGITS_MAX ? shown : showFigure({ figure, limit }, digits + 1);
}

/** The rows of a table of goals, with its head. */
export function goalRows(goals: readonly Goal[]): string[][] {
  const rows = goals.map((goal) => {
    const { sentence, unit, limit } = goal;
    const bound = `${limit.kind === 'at_least' ? 'at least' : 'at most'} ${limit.value} ${unit}`.trim();
    const reached = unit === 'ms' ? `${showFigure(goal, 0)} ms` : showFigure(goal, RATIO_DIGITS);
    return [sentence, bound, reached, isMet(goal) ? 'met' : '**missed**'];
  });
  return [['goal', 'limit', 'reached', ''], ...rows];
}
