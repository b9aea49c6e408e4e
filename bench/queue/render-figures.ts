import { showFigure } from '../goal.ts';
import { renderTable } from '../render-table.ts';
import { isSameWork, type QueueFigures, ratioOf, type Series, type Spread, spreadOf } from './figures.ts';
import { type Goal, nameOf } from './goals.ts';
import { ORCA } from './orca.ts';

const MS_DIGITS = 2;

/** Tables of rates, of claims and of goals, in Markdown. */
export function renderFigures(figures: QueueFigures, goals: readonly Goal[]): string {
  const parts = [renderRates(figures), renderClaims(figures), renderGoals(goals)];
  return parts.map((rows) => renderTable(rows)).join('\n');
}

function renderRates({ series }: QueueFigures): string[][] {
  const rows = series.map((one) => {
    const orca = series.find(({ work, name }) => name === ORCA && isSameWork(work, one.work));
    const ratio = orca === undefined ? '' : renderRatio(ratioOf(orca.rates, one.rates));
    return [nameOf(one.work), one.name, renderSpread(one), ratio];
  });
  return [['work', 'by', 'jobs a second (lowest – highest)', 'Orca is … times as fast'], ...rows];
}

function renderSpread({ rates }: Series): string {
  const { median, min, max } = spreadOf(rates);
  return `${Math.round(median)} (${Math.round(min)} – ${Math.round(max)})`;
}

function renderRatio({ median, min, max }: Spread, middle = median.toFixed(MS_DIGITS)): string {
  const [low, high] = [min, max].map((number) => number.toFixed(MS_DIGITS));
  return `${middle} (${low} – ${high})`;
}

function renderClaims({ claims }: QueueFigures): string[][] {
  const rows = claims.map(({ waiting, medians }) => [String(waiting), renderRatio(spreadOf(medians))]);
  return [['jobs waiting', 'a claim by itself, ms (lowest – highest median of a round)'], ...rows];
}

function renderGoals(goals: readonly Goal[]): string[][] {
  const rows = goals.map(({ sentence, ratio, limit, isMet }) => [
    sentence,
    `${limit.kind === 'at_least' ? 'at least' : 'at most'} ${limit.value}`,
    renderRatio(ratio, showFigure({ figure: ratio.median, limit }, MS_DIGITS)),
    isMet ? 'met' : '**missed**',
  ]);
  return [['goal', 'limit', 'median (lowest – highest)', ''], ...rows];
}
