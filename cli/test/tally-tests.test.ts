import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTally, type TestEnd } from './tally-tests.ts';

const FILE = '/x/a.test.ts';

function end(name: string, passed: boolean, more: Partial<TestEnd> & { type?: string } = {}): TestEnd {
  const { type, ...rest } = more;
  return {
    name,
    file: FILE,
    details: { passed, duration_ms: 5, error: passed ? undefined : name, type },
    ...rest,
  };
}

test('createTally() counts each test of a file and gives them when the file ends', () => {
  const tally = createTally();
  for (const event of [
    end('a', true),
    end('b', false),
    end('c', true),
    end('in another', true, { file: '/y' }),
  ])
    assert.equal(tally(event), null);
  assert.deepEqual(tally(end(FILE, false)), {
    file: FILE,
    durationMs: 5,
    passed: 2,
    failed: 1,
    skipped: 0,
    failures: [{ name: 'b', error: 'b' }],
  });
});

test('createTally() counts a file that crashed as one failure', () => {
  const outcome = createTally()(end(FILE, false));
  assert.equal(outcome?.failed, 1);
  assert.deepEqual(outcome?.failures, [{ name: FILE, error: FILE }]);
});

test('createTally() counts a file that crashed after its tests as one failure', () => {
  const tally = createTally();
  tally(end('a', true));
  const outcome = tally(end(FILE, false));
  assert.deepEqual([outcome?.passed, outcome?.failed], [1, 1]);
});

test('createTally() counts suites not at all, and what was left out or is known to fail apart', () => {
  const tally = createTally();
  tally(end('suite', false, { type: 'suite' }));
  tally(end('skipped', true, { skip: '' }));
  tally(end('todo', false, { todo: 'later' }));
  tally(end('not skipped', true, { skip: false }));
  const outcome = tally(end(FILE, true));
  assert.deepEqual([outcome?.passed, outcome?.failed, outcome?.skipped], [1, 0, 2]);
});

test('createTally() counts a file without tests as one failure', () => {
  const outcome = createTally()(end(FILE, true));
  assert.deepEqual(outcome?.failures, [{ name: FILE, error: 'The file holds no test' }]);
});
