import type { Simulated } from '@orca/database/simulation';

/** How many jobs there were over time: the most in each step. */
export interface DepthCurve {
  readonly stepSeconds: number;
  readonly waiting: readonly number[];
  readonly grading: readonly number[];
}

/**
 * Counts what waited and what was graded over time, from the first arrival to the last result.
 *
 * @param times in any order
 * @param steps into how many the time is divided
 */
export function depthCurve({ arrivals, claims, ends }: Simulated, steps: number): DepthCurve {
  const sorted = { arrivals: arrivals.toSorted(), claims: claims.toSorted(), ends: ends.toSorted() };
  const first = sorted.arrivals[0] ?? 0;
  const stepSeconds = ((sorted.ends.at(-1) ?? first) - first) / steps;
  return {
    stepSeconds,
    waiting: peaks(sorted.arrivals, sorted.claims, { first, stepSeconds, steps }),
    grading: peaks(sorted.claims, sorted.ends, { first, stepSeconds, steps }),
  };
}

/** The most that were between coming and going in each step. */
function peaks(
  comings: Float64Array,
  goings: Float64Array,
  { first, stepSeconds, steps }: { first: number; stepSeconds: number; steps: number },
): number[] {
  const most = new Array<number>(steps).fill(0);
  let came = 0;
  let went = 0;
  for (let step = 0; step < steps; step += 1) {
    const until = step === steps - 1 ? Number.POSITIVE_INFINITY : first + (step + 1) * stepSeconds;
    let peak = came - went;
    for (;;) {
      const moment = Math.min(
        comings[came] ?? Number.POSITIVE_INFINITY,
        goings[went] ?? Number.POSITIVE_INFINITY,
      );
      if (moment >= until) break;
      // All that happens at one moment, so that what comes and goes at once is not counted.
      while ((comings[came] ?? Number.POSITIVE_INFINITY) <= moment) came += 1;
      while ((goings[went] ?? Number.POSITIVE_INFINITY) <= moment) went += 1;
      peak = Math.max(peak, came - went);
    }
    most[step] = peak;
  }
  return most;
}
