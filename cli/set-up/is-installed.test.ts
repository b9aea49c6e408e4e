import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY } from '../repository.ts';
import { isInstalled } from './is-installed.ts';

const A = { version: '1.0.0', integrity: 'sha512-a' };
const ROOM = { name: '@orca/cli', version: '0.1.0' };
const LOCK = { '': { name: 'orca' }, cli: ROOM, 'node_modules/a': A };

for (const [what, lock, installed, expected] of [
  ['all is there', LOCK, { cli: ROOM, 'node_modules/a': A }, true],
  [
    'one for another system is not there',
    { ...LOCK, 'node_modules/b': { ...A, optional: true } },
    LOCK,
    true,
  ],
  ['one is not there', { ...LOCK, 'node_modules/b': A }, LOCK, false],
  ['one has another version', { ...LOCK, 'node_modules/a': { ...A, version: '1.0.1' } }, LOCK, false],
  ['one has other contents', { ...LOCK, 'node_modules/a': { ...A, integrity: 'sha512-b' } }, LOCK, false],
  ['one is there that is not named', LOCK, { ...LOCK, 'node_modules/a/node_modules/b': A }, false],
  ['nothing is there', LOCK, {}, false],
] as const)
  test(`isInstalled() is ${expected} when ${what}`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'orca-installed-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const [one, other] = [join(folder, 'lock.json'), join(folder, 'installed.json')];
    writeFileSync(one, JSON.stringify({ packages: lock }));
    // npm leaves the root out.
    writeFileSync(other, JSON.stringify({ packages: { ...installed, '': undefined } }));
    assert.equal(isInstalled(one, other), expected);
  });

test('isInstalled() knows the installation that runs this test', () => {
  const [one, other] = ['package-lock.json', 'node_modules/.package-lock.json'];
  assert.ok(isInstalled(join(REPOSITORY.root, one), join(REPOSITORY.root, other)));
});
