import { createRandom, type Random } from './random.ts';

/** What a client does with a job beside putting it. */
export const TREATMENTS = ['put', 'put three times at once', 'superseded', 'cancelled'] as const;
export type Treatment = (typeof TREATMENTS)[number];

/** One job of a soak. */
export interface PlannedJob {
  readonly number: number;
  readonly key: string;
  readonly treatment: Treatment;
  /** How long after the first `PUT` it is superseded or cancelled, in milliseconds. */
  readonly treatedAfterMs: number;
  /** How long its command takes, in seconds. */
  readonly runsSeconds: number;
  /** Its `priority`: seconds before it may be graded. */
  readonly delaySeconds: number;
  /** Who submits. */
  readonly submitter: string;
  /** Number of the image that it needs, which is built meanwhile; `null`: the base image. */
  readonly image: number | null;
}

/** How every key begins; clients write secrets into them. */
export const KEY_START = 'secret key of job';
const SUBMITTERS = 25;
const TREATED_AFTER_MS_MAX = 4_000;
const RUNS_SECONDS = [0, 0, 0, 0.2, 0.5, 2] as const;
const DELAY_SECONDS_MAX = 4;
/** Shares of all jobs. */
const SHARES = { delayed: 0.1, ownImage: 0.05, treated: 0.2 } as const;
/** An image is built for so many jobs, and one at least. */
const JOBS_AN_IMAGE = 700;

/** How many images are built in a soak of so many jobs. */
export function imageCount(jobs: number): number {
  return Math.ceil(jobs / JOBS_AN_IMAGE);
}

/** The jobs of a soak; the same seed gives the same jobs. */
export function planJobs(seed: number, count: number): PlannedJob[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, index) => planJob(random, index, count));
}

function planJob(random: Random, number: number, count: number): PlannedJob {
  const pick = <T>(items: readonly [T, ...T[]]): T => items[random.between(0, items.length - 1)] ?? items[0];
  const delaySeconds = random.fraction() < SHARES.delayed ? random.between(1, DELAY_SECONDS_MAX) : 0;
  return {
    number,
    key: `${KEY_START} ${number}`,
    treatment:
      random.fraction() < SHARES.treated
        ? pick(['put three times at once', 'superseded', 'cancelled'])
        : 'put',
    treatedAfterMs: random.between(0, TREATED_AFTER_MS_MAX),
    runsSeconds: pick(RUNS_SECONDS),
    delaySeconds,
    // An earlier place of the same submitter would serve it earlier, as it should.
    submitter: delaySeconds > 0 ? `patient student ${number}` : `student ${random.between(1, SUBMITTERS)}`,
    // Those come in the order of the jobs: the first are asked for while the rest is graded.
    image: random.fraction() < SHARES.ownImage ? Math.floor((number * imageCount(count)) / count) : null,
  };
}
