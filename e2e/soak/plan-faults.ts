import { createRandom } from './random.ts';

/** What is done to the system, and how often it comes in a round. */
const FAULT_SHARES = {
  'worker killed': 2,
  'worker told to stop': 1,
  'worker frozen': 1,
  'server killed': 1,
  'server told to stop': 1,
  'server frozen': 1,
  'builder killed': 1,
  'builder told to stop': 1,
  'builder frozen': 1,
  'PostgreSQL killed': 1,
  'way to PostgreSQL cut': 1,
  'way to PostgreSQL reset': 1,
  'way to PostgreSQL silent': 1,
  'way to the client cut': 1,
  'way to the client reset': 1,
  'way to the client silent': 1,
  'client answers 500': 1,
  'engine killed': 1,
  'container removed': 1,
} as const;

export type FaultName = keyof typeof FAULT_SHARES;

/** Every kind of fault, in the order of the summary. */
export const FAULT_NAMES = Object.keys(FAULT_SHARES).filter(isFaultName);

/** One fault of a soak. */
export interface Fault {
  readonly name: FaultName;
  /** Says which, where there are several: which worker, which container. From 0 up to, not including, 1. */
  readonly which: number;
  /** How long it lasts, in milliseconds. */
  readonly lastsMs: number;
  /** How long the system is left alone before it, in milliseconds. */
  readonly pauseMs: number;
}

const LASTS_MS = { min: 200, max: 4_000 } as const;
const PAUSE_MS = { min: 300, max: 3_000 } as const;

function isFaultName(text: string): text is FaultName {
  return text in FAULT_SHARES;
}

/**
 * The faults of a soak, without end: round after round, each with every kind in an order of its own.
 *
 * @param seed the same seed gives the same faults
 */
export function* planFaults(seed: number): Generator<Fault, never> {
  const random = createRandom(seed);
  const round = FAULT_NAMES.flatMap((name) => Array.from({ length: FAULT_SHARES[name] }, () => name));
  for (;;)
    for (const name of random.shuffle(round))
      yield {
        name,
        which: random.fraction(),
        lastsMs: random.between(LASTS_MS.min, LASTS_MS.max),
        pauseMs: random.between(PAUSE_MS.min, PAUSE_MS.max),
      };
}

/** After so many faults each kind has come. */
export const FAULTS_A_ROUND = Object.values(FAULT_SHARES).reduce<number>((sum, share) => sum + share, 0);
