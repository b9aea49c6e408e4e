import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { DatabaseError } from './database-error.ts';
import { gather } from './gather.ts';

/** A group that has ended, and those that begin then. */
async function twoTurns(): Promise<void> {
  await turn();
  await turn();
}

/** Gathers numbers, and lets the test end each group. */
function openGather() {
  const groups: { items: readonly number[]; end(error?: Error): void }[] = [];
  const one = gather(
    (items: readonly number[]) =>
      new Promise<readonly string[]>((resolve, reject) => {
        groups.push({
          items,
          end: (error) => (error === undefined ? resolve(items.map(String)) : reject(error)),
        });
      }),
  );
  return { one, groups, items: () => groups.map(({ items }) => items) };
}

test('gather() does together what comes in one turn, and what comes while two groups are under way', async () => {
  const { one, groups, items } = openGather();
  const answers = [1, 2, 3, 4].map((item) => one(item));
  await turn();
  assert.deepEqual(items(), [
    [1, 2],
    [3, 4],
  ]);
  answers.push(...[5, 6].map((item) => one(item)));
  await turn();
  assert.equal(groups.length, 2, 'a third group waits');
  groups[1]?.end();
  assert.equal(await answers[3], '4');
  await twoTurns();
  assert.deepEqual(items()[2], [5, 6]);
  groups[0]?.end();
  groups[2]?.end();
  assert.deepEqual(await Promise.all(answers), ['1', '2', '3', '4', '5', '6']);
  const later = one(7);
  await turn();
  assert.deepEqual(items().at(-1), [7], 'nothing is under way any more');
  groups.at(-1)?.end();
  assert.equal(await later, '7');
});

test('gather() goes on in equal groups however unequal they were: who is answered asks at once for the next', async () => {
  const { one, groups, items } = openGather();
  let asked = 0;
  const ask = async (): Promise<void> => {
    while (asked < 40) {
      asked += 1;
      await one(asked);
    }
  };
  const callers = [ask()];
  await turn();
  callers.push(...Array.from({ length: 7 }, ask));
  await turn();
  assert.deepEqual(
    items().map(({ length }) => length),
    [1, 4],
  );
  for (let ended = 0; ended < groups.length; ended += 1) {
    groups[ended]?.end();
    await twoTurns();
  }
  await Promise.all(callers);
  assert.deepEqual(
    items().map(({ length }) => length),
    [1, 4, ...Array.from({ length: 8 }, () => 4), 3],
  );
});

test('gather() takes no more than 32 into a group', async () => {
  const { one, groups, items } = openGather();
  const answers = Array.from({ length: 70 }, (_, item) => one(item));
  await turn();
  assert.deepEqual(
    items().map(({ length }) => length),
    [32, 32],
  );
  groups[0]?.end();
  groups[1]?.end();
  await twoTurns();
  assert.deepEqual(
    items()
      .slice(2)
      .map(({ length }) => length),
    [3, 3],
  );
  groups[2]?.end();
  groups[3]?.end();
  assert.equal((await Promise.all(answers)).length, 70);
});

test('gather() asks a database that is away no more than once for all of a group', async () => {
  const away = new DatabaseError('database_unreachable', 'away');
  let runs = 0;
  const one = gather(async () => {
    runs += 1;
    await turn();
    throw away;
  });
  const answers = await Promise.allSettled(Array.from({ length: 34 }, (_, item) => one(item)));
  for (const answer of answers) assert.equal(answer.status === 'rejected' && answer.reason, away);
  assert.equal(runs, 2, 'two groups of 17, and none of them by itself');
});

test('gather() tries each by itself when one waits for a lock, or the database goes away meanwhile', async () => {
  const locked = new DatabaseError('database_unreachable', 'locked', { sqlState: '55P03' });
  const away = new DatabaseError('database_unreachable', 'away');
  for (const [trouble, answered] of [
    [locked, [0, 1, 2, 4]],
    [away, [0, 1, 2]],
  ] as const) {
    const one = gather(async (items: readonly number[]) => {
      await turn();
      if (items.length > 1) throw locked;
      if (items[0] === 3) throw trouble;
      return items;
    });
    const answers = await Promise.allSettled([0, 1, 2, 3, 4].map((item) => one(item)));
    const good = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    assert.deepEqual(good, answered);
  }
});

test('gather() tries each by itself when a group fails and nothing is stored, and none twice otherwise', async () => {
  const refused = new DatabaseError('query_failed', 'refused');
  const unknown = new DatabaseError('outcome_unknown', 'lost');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('good', 'bad', 'lost'), { maxLength: 60 }), async (kinds) => {
      const runs = kinds.map(() => 0);
      const one = gather(async (items: readonly number[]) => {
        await turn();
        for (const item of items) runs[item] = (runs[item] ?? 0) + 1;
        if (items.some((item) => kinds[item] === 'lost')) throw unknown;
        if (items.some((item) => kinds[item] === 'bad')) throw refused;
        return items.map((item) => item);
      });
      const answers = await Promise.allSettled(kinds.map((_, item) => one(item)));
      for (const [item, answer] of answers.entries()) {
        const kind = kinds[item];
        if (kind === 'bad') assert.equal(answer.status, 'rejected');
        if (kind === 'good' && answer.status === 'fulfilled') assert.equal(answer.value, item);
        // What is with one of unknown outcome is of unknown outcome, too, and was tried once.
        if (kind === 'lost' || (kind === 'good' && answer.status === 'rejected'))
          assert.deepEqual(
            [answer.status === 'rejected' && answer.reason, runs[item]],
            [unknown, runs[item]],
          );
        if (!kinds.includes('lost')) assert.equal(answer.status, kind === 'good' ? 'fulfilled' : 'rejected');
        assert.ok((runs[item] ?? 0) <= 2);
      }
    }),
  );
});
