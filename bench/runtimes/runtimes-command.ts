import type { Goal } from '../goal.ts';
import { percentilesOf } from '../percentiles.ts';
import { renderTable } from '../render-table.ts';
import { type Comparison, runComparison } from '../run-comparison.ts';
import { measureRuntimes, type RuntimesFigures, type RuntimesScale } from './measure-runtimes.ts';

const ABOUT = `  Runs a trivial job in a fresh container of runc and of crun, in turn, on an engine of its own, for which it unpacks Debian's
  package of crun where the machine has none.
`;

const RUNTIMES: Comparison<RuntimesScale, RuntimesFigures> = {
  name: 'runtimes',
  about: ABOUT,
  scales: {
    full: { rounds: 40, warmUp: 4 },
    quick: { rounds: 10, warmUp: 2 },
    tiny: { rounds: 1, warmUp: 0 },
  },
  measure: measureRuntimes,
  render: renderRuntimes,
  // Whoever reads it chooses: Orca has no stake in either.
  judge: (): Goal[] => [],
};

/** `bench runtimes`. @returns the exit status */
export function runRuntimesCommand(args: readonly string[]): Promise<number> {
  return runComparison(RUNTIMES, args);
}

/** A row for what each runtime took. */
export function renderRuntimes({ crun, runtimes }: RuntimesFigures): string {
  const row = (name: string, times: readonly number[]): string[] => {
    const { p50, p95, max } = percentilesOf(times);
    return [name, ...[p50, p95, max].map((ms) => String(Math.round(ms)))];
  };
  const rows = runtimes.flatMap(({ runtime, start, job }) => [
    row(`${runtime}: until the harness is ready`, start),
    row(`${runtime}: the whole job`, job),
  ]);
  return `An engine of its own, with ${crun}.\n\n${renderTable([['milliseconds', 'p50', 'p95', 'max'], ...rows])}`;
}
