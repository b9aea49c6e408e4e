import type { Goal } from '../goal.ts';
import { type Percentiles, percentilesOf } from '../percentiles.ts';
import { renderTable } from '../render-table.ts';
import { type Comparison, runComparison } from '../run-comparison.ts';
import { type LatencyFigures, type LatencyScale, measureLatency } from './measure-latency.ts';

const ABOUT = `  Sends one trivial job of two commands at a time to an idle Orca (PostgreSQL, the server and one worker; no image builder, as
  no image is built), and takes the time from PUT to result POST; in the same rounds a bare
  "docker run --rm --network none IMAGE true" on the same engine.
`;

const P50_MS_MAX = 80;
const P95_MS_MAX = 150;
const RATIO_MAX = 0.35;

/** `bench latency`: what one student waits for beyond what the code takes. */
export const LATENCY: Comparison<LatencyScale, LatencyFigures> = {
  name: 'latency',
  about: ABOUT,
  scales: {
    full: { name: 'full', rounds: 100, warmUp: 5 },
    quick: { name: 'quick', rounds: 20, warmUp: 3 },
    tiny: { name: 'tiny', rounds: 2, warmUp: 1 },
  },
  measure: measureLatency,
  render: renderLatency,
  judge: judgeLatency,
};

/** `bench latency`. @returns the exit status */
export function runLatencyCommand(args: readonly string[]): Promise<number> {
  return runComparison(LATENCY, args);
}

function renderLatency({ orca, bare, phases }: LatencyFigures): string {
  const row = (name: string, times: readonly number[]): string[] => [name, ...cells(percentilesOf(times))];
  const head = ['milliseconds', 'p50', 'p95', 'max'];
  const both = [row('PUT to result POST', orca), row('bare docker run', bare)];
  const parts = Object.entries(phases).map(([name, times]) => row(`of the job: ${name}`, times));
  return renderTable([head, ...both, ...parts]);
}

function cells({ p50, p95, max }: Percentiles): string[] {
  return [p50, p95, max].map((ms) => String(Math.round(ms)));
}

/** The medians and the tail, against the goals. */
export function judgeLatency({ orca, bare }: LatencyFigures): Goal[] {
  const { p50, p95 } = percentilesOf(orca);
  const atMost = (value: number) => ({ kind: 'at_most', value }) as const;
  return [
    { sentence: 'PUT to result POST, p50', figure: p50, unit: 'ms', limit: atMost(P50_MS_MAX) },
    { sentence: 'PUT to result POST, p95', figure: p95, unit: 'ms', limit: atMost(P95_MS_MAX) },
    {
      sentence: 'PUT to result POST next to a bare docker run, p50 by p50',
      ...{ figure: p50 / percentilesOf(bare).p50, unit: '', limit: atMost(RATIO_MAX) },
    },
  ];
}
