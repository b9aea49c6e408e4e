import { setTimeout as pause } from 'node:timers/promises';
import { SLOTS } from './scale.ts';
import { tellProgress } from './tell-progress.ts';

/** How one half of a night went, by the night's clock. */
export type NightHalf = { submissions: number; seconds: number };

/** What a night came to that was graded in two halves. */
export type HalvedNight = {
  /** Their seconds together are those from the first hand-in to the last end. */
  halves: readonly [NightHalf, NightHalf];
  /** What was printed, by the index of the submission. */
  outputs: string[];
};

/** A night of which one half is graded. */
export type HalfNight = { first: NightHalf; gradeSecondHalf(): Promise<HalvedNight> };

/** What a night goes by. */
export type Clock = { nowMs(): number; pause(ms: number): Promise<unknown> };

type Deps = {
  /** Grades one submission, by its index. @returns what was printed */
  run(index: number): Promise<string>;
  /** Told every ten seconds how far it is. */
  say(line: string): void;
  clock?: Clock;
};

type Submissions = readonly { readonly atSeconds: number }[];

const SECOND_MS = 1_000;
const REAL_CLOCK: Clock = { nowMs: () => performance.now(), pause: (ms) => pause(ms) };

/**
 * Grades the first half of a night's submissions as they come, first come, first served, two at a time. The second half is
 * graded when the caller wants: a machine that slows down meanwhile does so for both sides of a comparison.
 *
 * It is one night, whose clock stands still in between, so that both halves take together what the whole takes at one go. Each
 * lane goes on where its clock was when it found nothing left of the first half. Who had handed in by then (in the full night,
 * everybody) is not waited for in the second half; who had not, is for as long as he would be at one go.
 *
 * @param submissions in the order in which they come
 */
export async function gradeFirstHalf(submissions: Submissions, deps: Deps): Promise<HalfNight> {
  const beganSeconds = submissions[0]?.atSeconds ?? 0;
  const middle = Math.ceil(submissions.length / 2);
  const outputs: string[] = [];
  const gradePart = async (from: number, to: number, lanes: readonly number[]): Promise<number[]> => {
    // Once aside: what an engine does but once for an image, or when it has rested, is not what is measured.
    if (from < to) await deps.run(from);
    const run = async (index: number): Promise<void> => {
      outputs[from + index] = await deps.run(from + index);
    };
    return await gradeInLanes(submissions.slice(from, to), lanes, { ...deps, run });
  };

  const inBetween = await gradePart(
    0,
    middle,
    Array.from({ length: SLOTS }, () => beganSeconds),
  );
  // The lanes do not end at once: the clock of the night is between theirs.
  const cutSeconds = inBetween.reduce((sum, seconds) => sum + seconds, 0) / SLOTS;
  const first = { submissions: middle, seconds: cutSeconds - beganSeconds };
  return {
    first,
    async gradeSecondHalf() {
      const ends = await gradePart(middle, submissions.length, inBetween);
      const seconds = Math.max(...ends) - cutSeconds;
      return { halves: [first, { submissions: submissions.length - middle, seconds }], outputs };
    },
  };
}

/**
 * Grades a part of a night.
 *
 * @param lanes for each lane, when it begins, in seconds of the night's clock
 * @returns for each lane, when it found nothing left to grade
 */
async function gradeInLanes(
  submissions: Submissions,
  lanes: readonly number[],
  { run, say, clock = REAL_CLOCK }: Omit<Deps, 'run'> & { run(index: number): Promise<void> },
): Promise<number[]> {
  let next = 0;
  let graded = 0;
  using _ = tellProgress(() => `${graded} of ${submissions.length} graded`, say);
  const zeroMs = clock.nowMs() - Math.min(...lanes) * SECOND_MS;
  const pauseUntil = async (atSeconds: number): Promise<unknown> =>
    clock.pause(Math.max(0, zeroMs + atSeconds * SECOND_MS - clock.nowMs()));
  const gradeLane = async (beginsSeconds: number): Promise<number> => {
    await pauseUntil(beginsSeconds);
    for (let index = next++; index < submissions.length; index = next++) {
      await pauseUntil(submissions[index]?.atSeconds ?? 0);
      await run(index);
      graded += 1;
    }
    return (clock.nowMs() - zeroMs) / SECOND_MS;
  };
  return await Promise.all(lanes.map(gradeLane));
}
