import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { inLanes, type Run, takeTurns } from './take-turns.ts';

const PIDS = { worker: process.pid, server: process.pid, postgres: process.pid };

test('takeTurns() lets each side begin every other round, and leaves what warms up out of its rate', async () => {
  const order: string[] = [];
  let clockMs = 0;
  const side =
    (name: string, ms: number): Run =>
    async (count, onEnd) => {
      order.push(`${name} ${count}`);
      for (let number = 0; number < count; number += 1) {
        // The first is slow, as what has rested is.
        clockMs += number === 0 ? 20 * ms : ms;
        onEnd();
      }
    };
  const lines: string[] = [];
  const { orca, bare } = await takeTurns(
    { orca: side('orca', 50), bare: side('bare', 100) },
    { rounds: 2, jobs: 4, warmUp: 1, firstWarmUp: 2 },
    { pids: PIDS, say: (line) => lines.push(line), nowMs: () => clockMs },
  );
  assert.deepEqual(order, ['orca 2', 'bare 2', 'orca 5', 'bare 5', 'bare 5', 'orca 5']);
  assert.deepEqual(lines, ['warming up, 2 jobs', 'round 1 of 2, 4 jobs', 'round 2 of 2, 4 jobs']);
  assert.deepEqual(
    [orca, bare].map((paces) => paces.map(({ rate }) => rate)),
    [
      [20, 20],
      [10, 10],
    ],
  );
});

test('inLanes() does each once, so many at once', async () => {
  const done: number[] = [];
  let running = 0;
  let most = 0;
  await inLanes(7, 3, async (number) => {
    running += 1;
    most = Math.max(most, running);
    await pause(1);
    running -= 1;
    done.push(number);
  });
  assert.deepEqual(
    done.toSorted((one, other) => one - other),
    [0, 1, 2, 3, 4, 5, 6],
  );
  assert.equal(most, 3);
});
