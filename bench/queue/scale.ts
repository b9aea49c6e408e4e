/** How much is done; what is compared is the same. */
export type Scale = {
  name: 'full' | 'quick' | 'tiny';
  /** Jobs that wait while others are taken, the fewest first. */
  waiting: readonly number[];
  rounds: number;
  /** Jobs that are queued for a rate. */
  enqueued: number;
  /** Jobs that are taken for a rate. */
  taken: number;
  /** Of both, before the time is taken. */
  warmUp: number;
  /** Claims that are timed one by one. */
  claims: number;
};

/** The sizes by name: `full` is what the goals are about, `tiny` shows that it runs. */
export const SCALES = {
  full: {
    ...{ name: 'full', waiting: [1_000, 100_000, 1_000_000], rounds: 5 },
    ...{ enqueued: 3_000, taken: 2_000, warmUp: 300, claims: 300 },
  },
  quick: {
    ...{ name: 'quick', waiting: [1_000, 20_000], rounds: 3 },
    ...{ enqueued: 600, taken: 300, warmUp: 100, claims: 50 },
  },
  tiny: {
    ...{ name: 'tiny', waiting: [50, 100], rounds: 1 },
    ...{ enqueued: 24, taken: 24, warmUp: 16, claims: 8 },
  },
} as const satisfies Record<string, Scale>;
