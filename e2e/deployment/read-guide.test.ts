import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { GUIDE, MACHINES } from './machines.ts';
import { findMissing, readGuide } from './read-guide.ts';

/** What the test of the guide can run. */
const LANGUAGES = ['sh', 'sql'];
const REASON_CHARACTERS_MIN = 10;

test('readGuide() finds blocks with their machines, their section, what they expect and why they are left out', () => {
  const guide = [
    '# Setting up',
    '```sh one two',
    'echo 1',
    '# → 1',
    '```',
    '   ```sql one skip: no such database',
    '   select 1;',
    '   ```',
  ].join('\n');
  assert.deepEqual(readGuide(guide), [
    {
      ...{ line: 3, section: 'Setting up', language: 'sh', machines: ['one', 'two'], skipped: null },
      ...{ text: 'echo 1\n# → 1\n', expected: ['1'] },
    },
    {
      ...{ line: 7, section: 'Setting up', language: 'sql', machines: ['one'], skipped: 'no such database' },
      ...{ text: 'select 1;\n', expected: [] },
    },
  ]);
  assert.throws(() => readGuide('```sh one\necho'), /line 2 has no end/);
});

test('findMissing() wants the expected lines in their order, whole but for …', () => {
  assert.equal(findMissing(['{"id":…}', 'done'], 'first\n{"id":17}\ndone\n'), null);
  assert.equal(findMissing(['done', '{"id":…}'], '{"id":17}\ndone\n'), '{"id":…}');
  assert.equal(findMissing(['1'], '11\n'), '1');
});

test('every block of DEPLOYMENT.md is run by the test of the guide, or says why it is not', async () => {
  const blocks = readGuide(await readFile(GUIDE, 'utf8'));
  assert.ok(blocks.filter(({ skipped }) => skipped === null).length > 20);
  for (const { line, language, machines, skipped } of blocks) {
    const where = `DEPLOYMENT.md:${line}`;
    if (skipped === null) {
      assert.ok(LANGUAGES.includes(language), `${where}: "${language}" cannot be run; say skip: and why`);
      assert.ok(machines.length > 0, `${where} says on which machine it is run`);
    } else assert.ok(skipped.length >= REASON_CHARACTERS_MIN, `${where} says why it is left out`);
    for (const machine of machines) assert.ok(machine in MACHINES, `${where}: there is no "${machine}"`);
  }
});

test('every file that DEPLOYMENT.md links to is there', async () => {
  const guide = await readFile(GUIDE, 'utf8');
  const links = [...guide.matchAll(/\]\(([^)#][^)]*)\)/g)].map(([, target = '']) => target);
  assert.ok(links.length > 5);
  for (const link of links)
    await assert.doesNotReject(readFile(join(GUIDE, '..', link)).catch(notAFile), link);
});

test('every place inside DEPLOYMENT.md that it links to is there', async () => {
  const guide = await readFile(GUIDE, 'utf8');
  const anchors = [...guide.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
  for (const [, target = ''] of guide.matchAll(/\]\(#([^)]*)\)/g))
    assert.ok(anchors.includes(target), `#${target}`);
});

/** A folder is a fine target of a link. */
function notAFile(error: unknown): void {
  if (error instanceof Error && 'code' in error && error.code === 'EISDIR') return;
  throw error;
}
