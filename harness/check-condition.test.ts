import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FlatConditionStep } from '@orca/protocol';
import { type ConditionDeps, checkCondition } from './check-condition.ts';
import { createProcessGroups, findMembers } from './process-groups.ts';

const TIME_MS = 300;
/** Of a test whose condition never ends. */
const TEST_MS_MAX = 20_000;

interface Watched extends ConditionDeps {
  readonly started: number[];
  readonly kills: () => number;
}

/** What a condition is looked at with, on this machine. */
function watch(onStarted: (id: number) => void = () => undefined): Watched {
  const groups = createProcessGroups();
  const started: number[] = [];
  let kills = 0;
  return {
    plan: { env: {}, home: { path: '/', template: null } },
    surroundings: {
      user: null,
      onStarted(id) {
        started.push(id);
        groups.add(id);
        onStarted(id);
      },
      killAll() {
        kills += 1;
        return groups.killAll();
      },
    },
    started,
    kills: () => kills,
  };
}

const looking = (predicate: FlatConditionStep['predicate'], operand: string): FlatConditionStep => ({
  kind: 'condition',
  path: 'script[0]',
  predicate,
  operand,
  onTrue: 'abort',
  onFalse: 'abort',
});

describe('checkCondition()', () => {
  test('tells files, folders and what is not there apart, and kills nothing', async () => {
    const deps = watch();
    const holds = (
      predicate: FlatConditionStep['predicate'],
      operand: string,
    ): Promise<boolean | 'expired'> => checkCondition(looking(predicate, operand), TEST_MS_MAX, deps);
    assert.equal(await holds('exists', '/bin/sh'), true);
    assert.equal(await holds('file', import.meta.filename), true);
    assert.equal(await holds('dir', import.meta.dirname), true);
    assert.equal(await holds('file', import.meta.dirname), false);
    assert.equal(await holds('dir', import.meta.filename), false);
    assert.equal(await holds('exists', '/no/such/path'), false);
    assert.equal(deps.started.length, 6);
    assert.equal(deps.kills(), 0);
  });

  test('does not wait longer than its time for what something has stopped, and kills everything', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const deps = watch((id) => process.kill(id, 'SIGSTOP'));
    let startedAt = 0;
    // It holds where the shell was faster than the signal.
    do startedAt = performance.now();
    while ((await checkCondition(looking('exists', '/bin/sh'), TIME_MS, deps)) !== 'expired');
    assert.ok(performance.now() - startedAt >= TIME_MS - 1);
    assert.equal(deps.kills(), 1);
    assert.deepEqual(findMembers(new Set(deps.started)), []);
  });
});
