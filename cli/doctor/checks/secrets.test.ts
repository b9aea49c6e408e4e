import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeNode } from './node.ts';
import { judgeFiles, judgeKeys, judgeUser } from './secrets.ts';
import { judgeSettings } from './settings.ts';

test('judgeFiles() warns of a .env that others may read, and fails in production', () => {
  assert.equal(judgeFiles([], true).kind, 'ok');
  assert.equal(judgeFiles([{ path: '/a/.env', mode: 0o100600 }], true).kind, 'ok');
  const open = [{ path: '/a/.env', mode: 0o100644 }];
  assert.equal(judgeFiles(open, false).kind, 'warn');
  assert.deepEqual(judgeFiles(open, true), {
    kind: 'fail',
    now: 'Others may read /a/.env, where passwords are',
    mend: 'chmod 600 /a/.env',
  });
  assert.equal(judgeFiles([{ path: '/a/.env', mode: 0o100640 }], true).kind, 'fail');
});

const active = { role: 'client', state: 'active' } as const;
for (const [what, keys, facts, kind] of [
  ['a key', [active], { isProduction: true, listens: '' }, 'ok'],
  ['revoked keys only', [{ ...active, state: 'revoked' }], { isProduction: true, listens: '' }, 'warn'],
  ['no key in production', [], { isProduction: true, listens: '' }, 'fail'],
  ['no key on a developer machine', [], { isProduction: false, listens: '' }, 'ok'],
  ['no key where others may come', [], { isProduction: false, listens: '0.0.0.0' }, 'warn'],
] as const)
  test(`judgeKeys() says ${kind} for ${what}`, () => {
    assert.equal(judgeKeys(keys, facts).kind, kind);
  });

test('judgeUser() warns of root in production', () => {
  assert.equal(judgeUser(0, true).kind, 'warn');
  assert.equal(judgeUser(0, false).kind, 'ok');
  assert.equal(judgeUser(1000, true).kind, 'ok');
});

test('judgeSettings() tells all problems, but no missing database where "orca up" makes one', () => {
  const missing = 'Cannot start without POSTGRES_URL: it is not set. The database.';
  const wrong = 'Cannot use "x" as API_PORT: it must be a whole number from 0 to 65535';
  assert.equal(judgeSettings([], { kind: 'none', isRequired: true }).kind, 'ok');
  assert.equal(judgeSettings([missing], { kind: 'none', isRequired: false }).kind, 'ok');
  const verdict = judgeSettings([missing, wrong], { kind: 'none', isRequired: true });
  assert.equal(verdict.kind === 'fail' ? verdict.now : '', `${missing}; ${wrong}`);
});

test('judgeNode() fails for a Node that cannot run the sources', () => {
  assert.equal(judgeNode('v24.1.0').kind, 'ok');
  assert.equal(judgeNode('v26.0.0').kind, 'ok');
  assert.equal(judgeNode('v22.19.0').kind, 'fail');
});
