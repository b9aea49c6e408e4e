import type { Goal } from '../goal.ts';
import { ratioOf, spreadOf } from '../queue/figures.ts';
import { renderTable } from '../render-table.ts';
import { type Comparison, runComparison } from '../run-comparison.ts';
import {
  measureThroughput,
  THROUGHPUT_SLOTS,
  type ThroughputFigures,
  type ThroughputScale,
} from './measure-throughput.ts';

const ABOUT = `  Lets one worker with a slot for each core grade trivial jobs that wait, and in the same rounds makes bare containers
  with the same create request and harness, that run the same two commands, as many at once. The time is taken once both
  have warmed up.
`;

const RATIO_MIN = 0.9;

const THROUGHPUT: Comparison<ThroughputScale, ThroughputFigures> = {
  name: 'throughput',
  about: ABOUT,
  scales: {
    full: { rounds: 5, jobs: 100, warmUp: 50 },
    quick: { rounds: 2, jobs: 30, warmUp: 30 },
    tiny: { rounds: 1, jobs: 4, warmUp: 2 },
  },
  measure: measureThroughput,
  render: renderThroughput,
  judge: judgeThroughput,
};

/** `bench throughput`. @returns the exit status */
export function runThroughputCommand(args: readonly string[]): Promise<number> {
  return runComparison(THROUGHPUT, args);
}

function renderThroughput({ orca, bare }: ThroughputFigures): string {
  const row = (name: string, rates: readonly number[]): string[] => {
    const { median, min, max } = spreadOf(rates);
    return [name, `${median.toFixed(1)} (${min.toFixed(1)} – ${max.toFixed(1)})`];
  };
  const head = [`${THROUGHPUT_SLOTS} at once`, 'a second (lowest – highest)'];
  return renderTable([
    head,
    row('Orca: jobs, from the queue to the result POST', orca),
    row('bare containers', bare),
  ]);
}

/** Round by round: what disturbs a round disturbs both. */
export function judgeThroughput({ orca, bare }: ThroughputFigures): Goal[] {
  const limit = { kind: 'at_least', value: RATIO_MIN } as const;
  const sentence = 'jobs of one worker next to bare containers';
  return [{ sentence, figure: ratioOf(orca, bare).median, unit: '', limit }];
}
