import { BARE_INSERT } from './bare-insert.ts';
import { BY_HAND } from './by-hand.ts';
import { type QueueFigures, ratioOf, type Spread, seriesOf, type Work } from './figures.ts';
import { GRAPHILE } from './graphile-worker.ts';
import { ORCA } from './orca.ts';
import { PG_BOSS } from './pg-boss.ts';

/** One of the goals that Orca's queue has set itself, and how it stands to it. */
export type Goal = {
  sentence: string;
  ratio: Spread;
  limit: { kind: 'at_least' | 'at_most'; value: number };
  isMet: boolean;
};

const AHEAD = 1;
const OF_BY_HAND = 0.7;
const OF_BARE_INSERT = 0.5;
const CLAIM_GROWTH = 1.2;

/**
 * Judges the medians.
 *
 * Of the libraries those ways are judged in which a job is taken when somebody runs it, as Orca's are. Batches and local
 * queues take jobs beforehand: their rates are measured and shown, and are no goal, since that is not the same work.
 */
export function judgeGoals(figures: QueueFigures): Goal[] {
  const enqueue: Work = { kind: 'enqueue' };
  const runs = figures.claims.map(({ waiting }): Work => ({ kind: 'run', waiting }));
  const libraries = [PG_BOSS, GRAPHILE];
  return [
    ...[enqueue, ...runs].flatMap((work) => libraries.map((name) => rateGoal(figures, work, name, AHEAD))),
    ...[enqueue, ...runs].map((work) => rateGoal(figures, work, BY_HAND, OF_BY_HAND)),
    rateGoal(figures, enqueue, BARE_INSERT, OF_BARE_INSERT),
    ...claimGoals(figures),
  ];
}

function rateGoal(figures: QueueFigures, work: Work, name: string, value: number): Goal {
  const ratio = ratioOf(seriesOf(figures, work, ORCA).rates, seriesOf(figures, work, name).rates);
  const limit = { kind: 'at_least', value } as const;
  return { sentence: `${nameOf(work)}, next to ${name}`, ratio, limit, isMet: ratio.median >= value };
}

/** How much dearer a claim is when the line is at its longest. */
function claimGoals({ claims }: QueueFigures): Goal[] {
  const [short, long] = [claims[0], claims.at(-1)];
  if (short === undefined || long === undefined) return [];
  const ratio = ratioOf(long.medians, short.medians);
  const sentence = `time of a claim with ${long.waiting} waiting, next to one with ${short.waiting}`;
  const limit = { kind: 'at_most', value: CLAIM_GROWTH } as const;
  return [{ sentence, ratio, limit, isMet: ratio.median <= CLAIM_GROWTH }];
}

/** What was done, in words. */
export function nameOf(work: Work): string {
  switch (work.kind) {
    case 'enqueue':
      return 'enqueue';
    case 'run':
      return `claim and finish with ${work.waiting} waiting`;
    default:
      return work satisfies never;
  }
}
