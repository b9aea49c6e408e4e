import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { type BuilderNeed, createAbility, type Trouble } from './ability.ts';

/** A need whose state is these, one after the other, and the last from then on; and what was logged. */
function makeAbility(states: readonly (Trouble | null)[]) {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log = createLogger({ name: 'test', level: 'info', pretty: false }, { write });
  let looks = 0;
  const store: BuilderNeed = {
    name: 'image_store',
    check: async () => states[Math.min(looks++, states.length - 1)] ?? null,
  };
  const engine: BuilderNeed = { name: 'engine', check: async () => null };
  return {
    ability: createAbility([engine, store], { log, lookMs: 1 }),
    looks: () => looks,
    logged: () => lines.map((line) => JSON.parse(line)),
  };
}

const full = { trouble: 'the disk is full', detail: '3 MiB are free' };
const away = { trouble: 'the disk is not mounted', detail: 'mount it' };

test('untilAble() waits until nothing fails, and says once what does and when it works again', async () => {
  const { ability, looks, logged } = makeAbility([full, full, away, null]);
  await ability.untilAble(new AbortController().signal);
  assert.equal(looks(), 4);
  assert.deepEqual(
    logged().map(({ level, need, trouble, detail }) => [level, need, trouble, detail]),
    [
      ['error', 'image_store', full.trouble, full.detail],
      ['error', 'image_store', away.trouble, away.detail],
      ['info', 'image_store', undefined, undefined],
    ],
  );
});

test('isAble is false from a look that finds something until one that does not', async () => {
  const { ability } = makeAbility([full, null]);
  const found: boolean[] = [ability.isAble];
  const stop = new AbortController();
  const waiting = ability.untilAble(stop.signal);
  await new Promise(setImmediate);
  found.push(ability.isAble);
  await waiting;
  assert.deepEqual([...found, ability.isAble], [true, false, true]);
});

test('untilAble() ends when it is told to, whatever fails', async () => {
  const { ability } = makeAbility([full]);
  const stop = new AbortController();
  const waiting = ability.untilAble(stop.signal);
  stop.abort();
  await waiting;
});

test('look() names each need, for health', async () => {
  const { ability } = makeAbility([full, null]);
  assert.deepEqual(await ability.look(), { engine: null, image_store: full.trouble });
  assert.deepEqual(await ability.look(), { engine: null, image_store: null });
});
