import { DatabaseError } from './database-error.ts';

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
 * @returns does it for one. When a group fails and nothing of it is stored, each is tried once more by itself, so that
 *   nobody fails for another's sake
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

/** Never throws: who waits is told. */
async function runGroup<Item, Answer>(
  group: readonly Waiting<Item, Answer>[],
  run: (items: readonly Item[]) => Promise<readonly Answer[]>,
): Promise<void> {
  try {
    const answers = await run(group.map(({ item }) => item));
    for (const [index, answer] of answers.entries()) group[index]?.resolve(answer);
  } catch (error) {
    const isNoneStored = error instanceof DatabaseError && error.code !== 'outcome_unknown';
    if (group.length > 1 && isNoneStored) for (const one of group) await runGroup([one], run);
    else for (const { reject } of group) reject(error);
  }
}
