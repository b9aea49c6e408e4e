import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimateWaitSeconds, statusSentence } from './job-status.ts';

const PACE = { slots: 4, secondsPerJob: 30 };

test('statusSentence() says each state in a sentence', () => {
  assert.match(statusSentence({ kind: 'unknown' }), /^No job with this number/);
  assert.match(statusSentence({ kind: 'held' }), /waiting for its grader image/);
  assert.match(statusSentence({ kind: 'grading' }), /being graded/);
  assert.match(statusSentence({ kind: 'finished', outcome: 'graded' }), /has been graded/);
  assert.match(statusSentence({ kind: 'finished', outcome: 'failed' }), /could not be graded/);
  assert.match(statusSentence({ kind: 'finished', outcome: 'cancelled' }), /was cancelled/);
});

test('statusSentence() counts the job itself: with none ahead it is number 1', () => {
  const at = (ahead: number): string =>
    statusSentence({ kind: 'waiting', ahead, aheadIs: 'exact', releasedInSeconds: 0 });
  assert.equal(at(0), 'Your job is number 1 in the queue.');
  assert.equal(at(41), 'Your job is number 42 in the queue.');
});

test('statusSentence() rounds the release up to a whole unit', () => {
  const rows: [seconds: number, shown: string][] = [
    [0.2, '1 second'],
    [60, '60 seconds'],
    [61, '2 minutes'],
    [3600, '60 minutes'],
    [3601, '1 hour 1 minute'],
    [7200, '2 hours'],
    [86_400, '24 hours'],
    [86_401, '1 day 1 hour'],
    [172_800, '2 days'],
  ];
  for (const [releasedInSeconds, shown] of rows) {
    const sentence = statusSentence({ kind: 'waiting', ahead: 3, aheadIs: 'exact', releasedInSeconds }, PACE);
    assert.equal(sentence, `Your job will be released for grading in ${shown}.`);
  }
});

test('statusSentence() says that a position is an estimate, or only the nearest that it can be', () => {
  const about = { kind: 'waiting', ahead: 12_345, aheadIs: 'about', releasedInSeconds: 0 } as const;
  assert.equal(statusSentence(about), 'Your job is about number 12000 in the queue.');
  const further = { ...about, ahead: 10_000, aheadIs: 'at_least' } as const;
  assert.equal(statusSentence(further, PACE), 'Your job is number 10001 or later in the queue.');
});

test('statusSentence() adds when the job should be graded, once it is released and the pace is known', () => {
  const at = (ahead: number): string =>
    statusSentence({ kind: 'waiting', ahead, aheadIs: 'exact', releasedInSeconds: 0 }, PACE);
  assert.equal(at(0), 'Your job is number 1 in the queue. It should be graded in about 30 seconds.');
  assert.equal(at(39), 'Your job is number 40 in the queue. It should be graded in about 6 minutes.');
});

test('estimateWaitSeconds() is a round of the slots for as many jobs ahead, and one for the job itself', () => {
  assert.equal(estimateWaitSeconds(0, PACE), 30);
  assert.equal(estimateWaitSeconds(4, PACE), 60);
  assert.equal(estimateWaitSeconds(6, PACE), 75);
  assert.equal(estimateWaitSeconds(10, { slots: 1, secondsPerJob: 2 }), 22);
});
