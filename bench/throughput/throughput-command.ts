import type { Goal } from '../goal.ts';
import { type Comparison, runComparison } from '../run-comparison.ts';
import { renderTurns } from '../turns/render-turns.ts';
import { rateRatio, type TurnFigures, type TurnScale } from '../turns/take-turns.ts';
import { measureThroughput, THROUGHPUT_SLOTS } from './measure-throughput.ts';

const ABOUT = `  Lets one worker with a slot for each core grade trivial jobs that wait, and in the same rounds makes bare containers
  with the same create request and harness, that run the same two commands, as many at once. The time is taken once both
  have warmed up. Tells, too, what each part used of the processors: which part of the difference is whose.
`;

const RATIO_MIN = 0.9;

const THROUGHPUT: Comparison<TurnScale, TurnFigures> = {
  name: 'throughput',
  about: ABOUT,
  scales: {
    full: { rounds: 11, jobs: 50, warmUp: 15, firstWarmUp: 50 },
    quick: { rounds: 3, jobs: 20, warmUp: 10, firstWarmUp: 30 },
    tiny: { rounds: 1, jobs: 4, warmUp: 2, firstWarmUp: 2 },
  },
  measure: measureThroughput,
  render: renderThroughput,
  judge: judgeThroughput,
};

/** `bench throughput`. @returns the exit status */
export function runThroughputCommand(args: readonly string[]): Promise<number> {
  return runComparison(THROUGHPUT, args);
}

function renderThroughput(figures: TurnFigures): string {
  return renderTurns(figures, {
    title: `${THROUGHPUT_SLOTS} at once`,
    orca: 'Orca: jobs, from the queue to the result POST',
    bare: 'bare containers',
    bench: 'this program: course site; for bare containers the sandbox',
  });
}

/** Judges all rounds. */
export function judgeThroughput({ orca, bare }: TurnFigures): Goal[] {
  const limit = { kind: 'at_least', value: RATIO_MIN } as const;
  const sentence = 'jobs of one worker next to bare containers';
  return [{ sentence, figure: rateRatio(orca, bare), unit: '', limit }];
}
