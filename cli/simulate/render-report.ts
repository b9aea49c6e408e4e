import { showDuration } from '../images/show-amounts.ts';
import { renderTable } from '../render-table.ts';
import type { DepthCurve } from './depth-curve.ts';
import type { Percentiles, Waits } from './measure-waits.ts';
import { renderChart } from './render-chart.ts';
import { showTime } from './render-svg.ts';

/** What a simulation has found. */
export interface SimulationReport {
  readonly submissions: number;
  readonly submitters: number;
  readonly workers: number;
  readonly slotsPerWorker: number;
  readonly waits: Waits;
  /** As many steps as the chart has columns. */
  readonly curve: DepthCurve;
}

const MS = 1_000;
const PERCENT = 100;
/** From so many seconds on minutes are no more easily read. */
const HOURS_FROM = 7_200;

/** The report, for a person. */
export function renderReport(report: SimulationReport): string {
  const { submissions, submitters, workers, slotsPerWorker, waits, curve } = report;
  const { makespanSeconds, utilisation } = waits;
  const who = `${count(submissions, 'submission')} of ${count(submitters, 'student')}`;
  const by = `${count(workers, 'worker')} with ${count(slotsPerWorker, 'slot')}${workers > 1 ? ' each' : ''}`;
  const table = renderTable(
    [
      { title: 'time', align: 'left' },
      { title: 'p50', align: 'right' },
      { title: 'p95', align: 'right' },
      { title: 'longest', align: 'right' },
    ],
    [
      row('a submission waits', waits.submissions),
      row("a student's last submission waits", waits.students),
      row("a student's last submission has its result after", waits.answers),
    ],
  );
  return `${who}, graded by ${by}

${table}
The last result comes ${show(makespanSeconds)} after the first submission; the slots grade for ${Math.round(utilisation * PERCENT)} % of that time.

${renderChart('jobs that wait', curve.waiting, curve.stepSeconds)}`;
}

function row(title: string, { p50, p95, max }: Percentiles): string[] {
  return [title, show(p50), show(p95), show(max)];
}

function show(seconds: number): string {
  return seconds < HOURS_FROM ? showDuration(seconds * MS) : showTime(seconds);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
