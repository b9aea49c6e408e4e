import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Clock, gradeFirstHalf, type NightHalf } from './halve-night.ts';

/** A clock that goes on to the next time for which somebody waits, once nobody does anything else. */
function openVirtualClock(): Clock & { goOn<T>(work: Promise<T>): Promise<T> } {
  let nowMs = 0;
  const waiting: { atMs: number; wake: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    pause: (ms) => new Promise<void>((wake) => waiting.push({ atMs: nowMs + ms, wake })),
    async goOn(work) {
      let isOver = false;
      const over = work.finally(() => {
        isOver = true;
      });
      for (await turn(); !isOver; await turn()) {
        const next = waiting.toSorted((one, other) => one.atMs - other.atMs)[0];
        if (next === undefined) throw new Error('Cannot go on: nobody waits for a time');
        waiting.splice(waiting.indexOf(next), 1);
        nowMs = next.atMs;
        next.wake();
      }
      return await over;
    },
  };
}

type Graded = { arrives: number; takes: number };

/** Grades a night in halves, with an hour between. @returns its halves, and who was graded, in this order */
async function gradeInHalves(
  night: readonly Graded[],
): Promise<{ halves: readonly NightHalf[]; order: number[] }> {
  const clock = openVirtualClock();
  const order: number[] = [];
  const run = async (index: number): Promise<string> => {
    order.push(index);
    await clock.pause((night[index]?.takes ?? 0) * 1_000);
    return `output of ${index}`;
  };
  const submissions = night.map(({ arrives }) => ({ atSeconds: arrives }));
  const { first, gradeSecondHalf } = await clock.goOn(
    gradeFirstHalf(submissions, { run, clock, say: () => undefined }),
  );
  await clock.goOn(clock.pause(3_600_000));
  const { halves, outputs } = await clock.goOn(gradeSecondHalf());
  assert.deepEqual(halves[0], first);
  assert.deepEqual(
    outputs,
    night.map((_, index) => `output of ${index}`),
  );
  return { halves, order };
}

/** What the whole takes at one go, from the first arrival to the last end, two at a time. */
function secondsAtOneGo(night: readonly Graded[]): number {
  const lanes = [0, 0];
  for (const { arrives, takes } of night) {
    const lane = lanes.indexOf(Math.min(...lanes));
    lanes[lane] = Math.max(lanes[lane] ?? 0, arrives) + takes;
  }
  return Math.max(...lanes) - (night[0]?.arrives ?? 0);
}

for (const [title, night] of [
  // Graded more slowly than they come: when the second half begins, all of it is there.
  [
    'that come fast',
    Array.from({ length: 42 }, (_, at) => ({ arrives: at / 7, takes: 1 + ((at * 5) % 7) / 4 })),
  ],
  ['that come slowly', Array.from({ length: 6 }, (_, at) => ({ arrives: 1 + at * 10, takes: 2 }))],
  ['of which one takes long', [9, 1, 1, 1, 1].map((takes, at) => ({ arrives: at / 8, takes }))],
  ['of which there is one', [{ arrives: 0.5, takes: 2 }]],
] as const)
  test(`gradeFirstHalf() and the second take together what one go takes, of submissions ${title}`, async () => {
    const { halves, order } = await gradeInHalves(night);
    const seconds = halves.reduce((sum, half) => sum + half.seconds, 0);
    assert.ok(Math.abs(seconds - secondsAtOneGo(night)) < 1e-6, `${seconds}, not ${secondsAtOneGo(night)}`);
    const middle = Math.ceil(night.length / 2);
    assert.deepEqual(
      halves.map(({ submissions }) => submissions),
      [middle, night.length - middle],
    );
    // The first of each half is graded once aside.
    const all = night.map((_, index) => index);
    const asides = night.length > 1 ? [0, middle] : [0];
    assert.deepEqual(
      order,
      all.flatMap((index) => (asides.includes(index) ? [index, index] : [index])),
    );
  });
