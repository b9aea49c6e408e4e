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
 * Does together what is asked for at the same moment: within a turn of the event loop, or while {@link GROUPS_MAX} groups are
 * under way. All that there is to do is shared out among the groups, so that none is small while another is large: who is
 * answered by a large one comes back in a large one.
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
  let itemsUnderWay = 0;
  let isPlanned = false;
  const runOne = async (group: readonly Waiting<Item, Answer>[]): Promise<void> => {
    groups += 1;
    itemsUnderWay += group.length;
    await runGroup(group, run);
    groups -= 1;
    itemsUnderWay -= group.length;
    plan();
  };
  const beginGroups = (): void => {
    isPlanned = false;
    while (groups < GROUPS_MAX && waiting.length > 0) {
      const share = Math.ceil((waiting.length + itemsUnderWay) / GROUPS_MAX);
      void runOne(waiting.splice(0, Math.min(share, ITEMS_MAX)));
    }
  };
  const plan = (): void => {
    if (isPlanned || groups === GROUPS_MAX) return;
    isPlanned = true;
    setImmediate(beginGroups); // after all that the answers of one group, or the packets of one moment, have led to
  };
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      plan();
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
