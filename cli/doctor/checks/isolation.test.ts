import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SAFE_ENGINE } from '../testing/facts.ts';
import {
  judgeCgroups,
  judgeLimits,
  judgeLiveRestore,
  judgeSeccomp,
  judgeStorage,
  judgeUserNamespaces,
} from './isolation.ts';

const JUDGES = {
  judgeCgroups,
  judgeLimits,
  judgeStorage,
  judgeUserNamespaces,
  judgeSeccomp,
  judgeLiveRestore,
};

for (const [name, judge] of Object.entries(JUDGES))
  test(`${name}() finds nothing wrong with a hardened engine`, () => {
    assert.equal(judge(SAFE_ENGINE).kind, 'ok');
  });

const { limits } = SAFE_ENGINE;
for (const [judge, facts, kind] of [
  [judgeCgroups, { cgroupVersion: 1 }, 'warn'],
  [judgeCgroups, { cgroupDriver: 'none' }, 'fail'],
  [judgeLimits, { limits: { ...limits, swap: false } }, 'warn'],
  [judgeLimits, { limits: { ...limits, memory: false } }, 'fail'],
  [judgeLimits, { limits: { ...limits, pids: false } }, 'fail'],
  [judgeStorage, { storageDriver: 'vfs' }, 'warn'],
  [judgeUserNamespaces, { securityOptions: ['name=seccomp,profile=default'] }, 'warn'],
  [judgeUserNamespaces, { securityOptions: ['name=rootless'] }, 'ok'],
  [judgeSeccomp, { securityOptions: ['name=seccomp,profile=default'] }, 'ok'],
  [judgeSeccomp, { securityOptions: ['name=apparmor'] }, 'fail'],
  [judgeLiveRestore, { hasLiveRestore: false }, 'warn'],
] as const)
  test(`${judge.name}() says ${kind} for ${JSON.stringify(facts)}`, () => {
    const securityOptions =
      'securityOptions' in facts ? [...facts.securityOptions] : SAFE_ENGINE.securityOptions;
    assert.equal(judge({ ...SAFE_ENGINE, ...facts, securityOptions }).kind, kind);
  });

test('judgeLimits() names what cannot be limited', () => {
  const verdict = judgeLimits({
    ...SAFE_ENGINE,
    limits: { memory: false, swap: false, pids: false, cpu: true },
  });
  assert.match(verdict.kind === 'fail' ? verdict.now : '', /memory and pids/);
});
