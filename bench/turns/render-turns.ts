import { spreadOf } from '../queue/figures.ts';
import { renderTable } from '../render-table.ts';
import type { CpuUse } from './cpu-use.ts';
import type { Pace, TurnFigures } from './take-turns.ts';

/** What is compared, in words. */
export interface TurnNames {
  /** The head of the table of rates, such as `2 at once`. */
  readonly title: string;
  readonly orca: string;
  readonly bare: string;
  /** What this program is for either side. */
  readonly bench: string;
}

const RATE_DIGITS = 2;

/** Rates and use of the processors of both sides, in Markdown. */
export function renderTurns({ orca, bare }: TurnFigures, names: TurnNames): string {
  const row = (name: string, paces: readonly Pace[]): string[] => {
    const { median, min, max } = spreadOf(paces.map(({ rate }) => rate));
    const [middle, least, most] = [median, min, max].map((rate) => rate.toFixed(RATE_DIGITS));
    return [name, `${middle} (${least} – ${most})`];
  };
  const rates = renderTable([
    [names.title, 'a second (lowest – highest)'],
    row(names.orca, orca),
    row(names.bare, bare),
  ]);
  const parts: readonly (readonly [keyof CpuUse, string])[] = [
    ['worker', 'worker'],
    ['server', 'server'],
    ['postgres', 'PostgreSQL'],
    ['bench', names.bench],
    ['others', 'the engine, and what is in the containers'],
  ];
  const cpuOf = (paces: readonly Pace[], part: keyof CpuUse): string =>
    spreadOf(paces.map(({ cpu }) => cpu[part])).median.toFixed(1);
  const cpu = renderTable([
    ['processor time, ms a job', 'Orca', names.bare],
    ...parts.map(([part, name]) => [name, cpuOf(orca, part), cpuOf(bare, part)]),
  ]);
  return `${rates}\n${cpu}`;
}
