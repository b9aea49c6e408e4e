import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyModel } from '../queue/model.ts';
import { findOrder, type TimedDeed } from './find-order.ts';
import { type Foreseen, foresee } from './foresee.ts';
import type { KnownRun } from './queue-deeds.ts';
import { describeModel } from './queue-description.ts';
import type { Operation } from './queue-operations.ts';

const RUN: KnownRun = { name: 'a', jobId: 1, leaseToken: 'token' };

function deed(
  operation: Operation,
  answer: string,
  beganMs: number,
  { run = null, claimed = null }: Partial<Pick<TimedDeed, 'run' | 'claimed'>> = {},
): TimedDeed {
  return { operation, run, claimed, answer, beganMs, endedMs: beganMs + 1 };
}

function put(name: string, answer: string, beganMs: number): TimedDeed {
  const rest = { content: 'first', image: 'ready', delaySeconds: 0, immediate: false } as const;
  return deed({ kind: 'put', name, submitter: name, ...rest }, answer, beganMs);
}

function after(deeds: readonly TimedDeed[]): ReturnType<typeof describeModel> {
  const foreseen: Foreseen = { model: emptyModel(), tokens: new Map() };
  for (const done of deeds) foresee(done, foreseen);
  return describeModel(foreseen.model);
}

test('findOrder() finds the order in which two at once took effect', () => {
  const claim = deed({ kind: 'claim' }, 'a 1 1', 0, { claimed: RUN });
  const found = findOrder([], [claim, put('a', 'new', 0)], after([put('a', 'new', 0), claim]));
  assert.deepEqual(
    found?.map(({ answer }) => answer),
    ['new', 'a 1 1'],
  );
});

test('findOrder() refuses an answer that no order gives', () => {
  const before = [put('a', 'new', 0)];
  assert.equal(findOrder(before, [put('a', 'new', 5)], after(before)), null);
});

test('findOrder() lets a claim pass over a place that a move had locked while it was under way', () => {
  const before = [put('a', 'new', 0)];
  const delay = deed({ kind: 'delay', name: 'a' }, 'moved', 5);
  const none = deed({ kind: 'claim' }, 'none', 5);
  assert.notEqual(findOrder(before, [delay, none], after([...before, delay])), null);
  const later = { ...none, beganMs: 7, endedMs: 8 };
  assert.equal(findOrder(before, [delay, later], after([...before, delay])), null, 'they did not meet');
});

test('findOrder() lets a claim take the second place while the first is locked', () => {
  const before = [put('b', 'new', 0), put('a', 'new', 2)];
  const release = deed({ kind: 'release', name: 'b' }, 'moved', 5);
  const claim = deed({ kind: 'claim' }, 'a 1 1', 5, { claimed: RUN });
  const end = {
    ...after([...before, release]),
    ...{ line: after([before[0] ?? release, release]).line },
  };
  const jobs = end.jobs.map((job) =>
    job.startsWith('a ') ? job.replace(/waiting.*/u, 'grading 1 0 no outcome') : job,
  );
  assert.notEqual(findOrder(before, [release, claim], { ...end, jobs }), null);
});

test('findOrder() lets the claim that goes with a finish pass over a locked place, and no other', () => {
  const claim = deed({ kind: 'claim' }, 'a 1 1', 1, { claimed: RUN });
  const before = [put('a', 'new', 0), claim, put('b', 'new', 2)];
  const cancel = deed({ kind: 'cancel', name: 'b' }, 'waiting', 5);
  const finish = deed({ kind: 'finish_and_claim', run: 0 }, 'true, none', 5, { run: RUN });
  const end = after([...before, cancel, finish]);
  assert.notEqual(findOrder(before, [finish, cancel], end), null);
  assert.equal(
    findOrder(before, [finish], after([...before, finish])),
    null,
    'b waits, and nobody has it locked',
  );
});
