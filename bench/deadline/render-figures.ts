import { depthCurve, type Percentiles, renderSvg } from '@orca/cli/simulate';
import { showFigure } from '../goal.ts';
import { renderTable } from '../render-table.ts';
import { renderTurns } from '../turns/render-turns.ts';
import { type DeadlineFigures, describeDrift, type Goal, secondsOf, timesOf, WAIT_ROWS } from './figures.ts';
import type { GradedSubmission } from './orca-night.ts';

const DIGITS = 2;
const CURVE_STEPS = 300;

const TURN_NAMES = {
  title: 'the same jobs, a few by each in turn',
  orca: 'Orca, one worker with two slots',
  bare: 'docker run, two at a time',
  bench: "this program: course site; for docker run the engine's client",
};

/** What was measured, in Markdown. */
export function renderFigures(figures: DeadlineFigures, goals: readonly Goal[]): string {
  const { submissions, students, example, bareHalves, orcaSeconds, waits, simulated, files, turns } = figures;
  const [before, after] = bareHalves;
  const makespans = [
    ['from the first hand-in to the last result', 'seconds'],
    ['Orca, one worker with two slots', show(orcaSeconds)],
    ['docker run, two at a time', show(secondsOf(bareHalves))],
    [`of these the first ${before.submissions} submissions, before Orca's night`, show(before.seconds)],
    [`of these the other ${after.submissions}, after it`, show(after.seconds)],
    ['orca simulate, for the grading times of Orca', show(simulated.makespanSeconds)],
  ];
  const drift = describeDrift(bareHalves);
  const waitRows = WAIT_ROWS.map(([title, name]) => [title, showAll(waits[name]), showAll(simulated[name])]);
  const goalRows = goals.map(({ sentence, limit, value, isMet }) => [
    ...[sentence, limit === 0 ? 'none' : `at most ${limit}`, showValue(value, limit)],
    isMet ? 'met' : '**missed**',
  ]);
  return `${submissions} submissions of ${students} students, ${example}. The course site sent ${files.bodies} files, and
answered ${files.notModified} times that one has not changed. The slots graded for ${Math.round(waits.utilisation * 100)} % of the time.

${renderTable(makespans)}${drift === null ? '' : `\n${drift}\n`}
${renderTable([['seconds', 'measured: p50, p95, longest', 'orca simulate'], ...waitRows])}
${renderTurns(turns, TURN_NAMES)}
${renderTable([['goal', 'limit', 'value', ''], ...goalRows])}`;
}

/** What waited and what was graded over time. */
export function renderNight(submissions: readonly GradedSubmission[], title: string): string {
  const { waiting, grading, stepSeconds } = depthCurve(timesOf(submissions), CURVE_STEPS);
  const lines = [
    { name: 'jobs that wait', values: waiting },
    { name: 'jobs that are graded', values: grading },
  ];
  return renderSvg({ title, lines, stepSeconds });
}

function showAll({ p50, p95, max }: Percentiles): string {
  return [p50, p95, max].map(show).join(', ');
}

function show(seconds: number): string {
  return seconds.toFixed(1);
}

function showValue(value: number, limit: number): string {
  if (Number.isInteger(value)) return String(value);
  return showFigure({ figure: value, limit: { kind: 'at_most', value: limit } }, DIGITS);
}
