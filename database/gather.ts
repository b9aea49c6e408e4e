import { DatabaseError, isLockTimeout } from './database-error.ts';

/** So many groups are under way at once: one is answered while the next is made ready. */
const GROUPS_MAX = 2;
/** So many are in one at most: some milliseconds' work. */
const ITEMS_MAX = 32;

type Waiting<Item, Answer> = {
  item: Item;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
};

/**
 * Does together what is asked for at the same moment. One that comes alone is done at once; those that come while
 * {@link GROUPS_MAX} groups are under way wait for the end of one, and go together.
 *
 * @param run does it for all of a group, or for none, and gives an answer for each, in their order
 * @returns does it for one. When a group fails, nothing of it is stored and one of them may be the reason, each is tried once
 *   more by itself, so that nobody fails for another's sake
 */
export function gather<Item, Answer>(
  run: (items: readonly Item[]) => Promise<readonly Answer[]>,
): (item: Item) => Promise<Answer> {
  const waiting: Waiting<Item, Answer>[] = [];
  let groups = 0;
  const runNext = async (): Promise<void> => {
    groups += 1;
    while (waiting.length > 0) await runGroup(waiting.splice(0, ITEMS_MAX), run);
    groups -= 1;
  };
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (groups < GROUPS_MAX) void runNext();
    });
}

/** Never throws: who waits is told. @returns what went wrong, `null` when nothing did */
async function runGroup<Item, Answer>(
  group: readonly Waiting<Item, Answer>[],
  run: (items: readonly Item[]) => Promise<readonly Answer[]>,
): Promise<unknown> {
  try {
    const answers = await run(group.map(({ item }) => item));
    for (const [index, answer] of answers.entries()) group[index]?.resolve(answer);
    return null;
  } catch (error) {
    if (group.length > 1 && isOfOne(error)) await runEach(group, run);
    else for (const { reject } of group) reject(error);
    return error;
  }
}

/** One after the other, as long as it is not the database that fails: with that away, each would wait for it in turn. */
async function runEach<Item, Answer>(
  group: readonly Waiting<Item, Answer>[],
  run: (items: readonly Item[]) => Promise<readonly Answer[]>,
): Promise<void> {
  for (const [index, one] of group.entries()) {
    const error = await runGroup([one], run);
    if (error === null || isOfOne(error)) continue;
    for (const { reject } of group.slice(index + 1)) reject(error);
    return;
  }
}

/** Whether nothing is stored, and one of a group may be the reason. */
function isOfOne(error: unknown): boolean {
  return isLockTimeout(error) || (error instanceof DatabaseError && error.code === 'query_failed');
}
