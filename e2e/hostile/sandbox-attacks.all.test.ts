import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type HostileOrca, openHostileOrca } from './hostile-orca.ts';
import { readAttacks } from './read-attacks.ts';

const attacks = await readAttacks();

describe('submissions that attack the sandbox', () => {
  let orca: HostileOrca;
  before(async () => {
    orca = await openHostileOrca();
  });
  after(() => orca?.[Symbol.asyncDispose]());

  for (const attack of attacks) {
    test(`${attack.row}: ${attack.tries}`, async (t) => {
      t.diagnostic(await orca.withstand(attack));
    });
  }

  test('nothing is left of all of them', () => orca.end());
});

test('the README tells of every attack, and of no other', async () => {
  const text = await readFile(join(import.meta.dirname, 'README.md'), 'utf8');
  const told = [...text.matchAll(/^\| \[(S\d\d)\]\(attacks\/([^)]+)\)/gm)].map(([, row, folder]) => [
    row,
    folder,
  ]);
  assert.deepEqual(
    told,
    attacks.map(({ row, folder }) => [row, folder]),
  );
});
