import { isDeepStrictEqual } from 'node:util';
import { emptyModel } from '../queue/model.ts';
import { type Foreseen, foresee } from './foresee.ts';
import type { Deed } from './queue-deeds.ts';
import { describeModel, type QueueDescription } from './queue-description.ts';

/** A deed, and when it was under way, by one clock. */
export type TimedDeed = Deed & { beganMs: number; endedMs: number };

/**
 * Looks for an order of deeds in which the model gives every answer that the database gave, and ends where it ended: none
 * is put before one that had ended when it began.
 *
 * A PUT's place is that of its arrival, the beginning of its transaction, which for two at once need not be the order in
 * which they take effect: then the places in line are compared, and their order is not.
 *
 * A claim passes over the places that another has locked at this moment, as SKIP LOCKED does: then it may take a later one,
 * or none.
 *
 * @param before what was done before, one after another
 * @returns the order, or `null` when there is none: what was seen cannot have happened
 * @see Herlihy and Wing, Linearizability: a correctness condition for concurrent objects (1990)
 */
export function findOrder(
  before: readonly Deed[],
  deeds: readonly TimedDeed[],
  end: QueueDescription,
): TimedDeed[] | null {
  const start: Foreseen = { model: emptyModel(), tokens: new Map() };
  for (const deed of before) foresee(deed, start);
  const normal = havePutsMet(deeds) ? withoutOrder : (queue: QueueDescription) => queue;
  const isEnd = ({ model }: Foreseen) => isDeepStrictEqual(normal(describeModel(model)), normal(end));
  const locked = new Map(deeds.map((deed) => [deed, lockedDuring(deed, deeds)]));
  return extend([], deeds, start, { isEnd, locked });
}

type Search = {
  isEnd: (foreseen: Foreseen) => boolean;
  /** What each deed may have found locked: sets of names of jobs. */
  locked: ReadonlyMap<TimedDeed, readonly ReadonlySet<string>[]>;
};

function extend(
  order: TimedDeed[],
  rest: readonly TimedDeed[],
  foreseen: Foreseen,
  search: Search,
): TimedDeed[] | null {
  if (rest.length === 0) return search.isEnd(foreseen) ? order : null;
  const firstEndMs = Math.min(...rest.map(({ endedMs }) => endedMs));
  for (const deed of rest.filter(({ beganMs }) => beganMs <= firstEndMs)) {
    const others = rest.filter((other) => other !== deed);
    for (const locked of search.locked.get(deed) ?? []) {
      const next = structuredClone(foreseen);
      if (foresee(deed, next, locked) !== deed.answer) continue;
      const found = extend([...order, deed], others, next, search);
      if (found !== null) return found;
    }
  }
  return null;
}

/** Every choice of the jobs whose places were locked by others while a claim was under way; none for another deed. */
function lockedDuring(deed: TimedDeed, deeds: readonly TimedDeed[]): ReadonlySet<string>[] {
  const choices: ReadonlySet<string>[] = [new Set()];
  if (deed.operation.kind !== 'claim' && deed.operation.kind !== 'finish_and_claim') return choices;
  const names = deeds.filter((other) => other !== deed && haveMet(other, deed)).flatMap(lockedBy);
  for (const name of new Set(names)) choices.push(...choices.map((choice) => new Set([...choice, name])));
  return choices;
}

function lockedBy({ operation, run, claimed }: TimedDeed): string[] {
  switch (operation.kind) {
    case 'put':
    case 'release':
    case 'delay':
    case 'cancel':
      return [operation.name];
    default:
      return [run, claimed].flatMap((known) => (known === null ? [] : [known.name]));
  }
}

function haveMet(one: TimedDeed, other: TimedDeed): boolean {
  return other.beganMs <= one.endedMs && one.beganMs <= other.endedMs;
}

function havePutsMet(deeds: readonly TimedDeed[]): boolean {
  const puts = deeds.filter(({ operation }) => operation.kind === 'put');
  return puts.some((one) => puts.some((other) => other !== one && haveMet(one, other)));
}

function withoutOrder(queue: QueueDescription): QueueDescription {
  return { ...queue, line: [...queue.line].sort() };
}
