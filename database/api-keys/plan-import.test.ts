import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { chooseUsable, planStep } from './plan-import.ts';

const KEY = 'a1'.repeat(32);
const keySha256 = createHash('sha256').update(KEY).digest();

test('chooseUsable() makes one key of a key that stands beside several hostnames', () => {
  const rows = ['course.example.edu', 'Other.example.edu', 'other.example.edu'].map((hostname) => ({
    value: KEY,
    hostname,
  }));
  const hostnames = ['course.example.edu', 'other.example.edu'];
  assert.deepEqual(chooseUsable(rows), { usable: [{ keySha256, hostnames }], skipped: [] });
});

test('chooseUsable() says why a row cannot be taken over, without the key', () => {
  const cases: [string | null, string | null, RegExp][] = [
    [null, 'a.example', /no key/],
    ['', 'a.example', /no key/],
    ['a1'.repeat(15), 'a.example', /shorter than 32/],
    [`${KEY} `, 'a.example', /no header carries/],
    [`${KEY}ü`, 'a.example', /no header carries/],
    ['k'.repeat(4_097), 'a.example', /longer than/],
    [KEY, 'a.example:8080', /hostname has a port/],
    [KEY, null, /hostname is empty/],
  ];
  for (const [value, hostname, reason] of cases) {
    const { usable, skipped } = chooseUsable([{ value, hostname }]);
    assert.deepEqual(usable, []);
    assert.equal(skipped.length, 1);
    assert.match(skipped[0]?.reason ?? '', reason);
    assert.doesNotMatch(JSON.stringify(skipped), /a1a1|kkkk/);
  }
});

test('chooseUsable() takes a key at the least and at the greatest length', () => {
  for (const value of ['a1'.repeat(16), 'k'.repeat(4_096)])
    assert.equal(chooseUsable([{ value, hostname: 'a.example' }]).usable.length, 1);
});

test('planStep() creates, widens, keeps, and does not bring back what was ended', () => {
  const old = { keySha256, hostnames: ['a.example', 'b.example'] };
  const known = { id: 3, keySha256, role: 'client', hostnames: ['a.example'], hasEnded: false } as const;
  const knownAs = (changes: object) => ({ ...known, hostnames: [...known.hostnames], ...changes });
  assert.deepEqual(planStep(old, undefined), { kind: 'create', ...old });
  assert.deepEqual(planStep(old, knownAs({})), { kind: 'widen', id: 3, added: ['b.example'] });
  assert.equal(planStep(old, knownAs({ hostnames: ['b.example', 'a.example', 'c'] })).kind, 'keep');
  assert.equal(planStep(old, knownAs({ role: 'admin', hostnames: [] })).kind, 'keep');
  assert.equal(planStep(old, knownAs({ hasEnded: true })).kind, 'skip');
});
