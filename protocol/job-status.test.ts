import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusSentence } from './job-status.ts';

test('statusSentence() says each state in a sentence', () => {
  assert.match(statusSentence({ kind: 'unknown' }), /^No job with this number/);
  assert.match(statusSentence({ kind: 'held' }), /waiting for its grader image/);
  assert.match(statusSentence({ kind: 'grading' }), /being graded/);
  assert.match(statusSentence({ kind: 'finished', outcome: 'graded' }), /has been graded/);
  assert.match(statusSentence({ kind: 'finished', outcome: 'failed' }), /could not be graded/);
  assert.match(statusSentence({ kind: 'finished', outcome: 'cancelled' }), /was cancelled/);
});

test('statusSentence() counts the job itself: with none ahead it is number 1', () => {
  const at = (ahead: number): string => statusSentence({ kind: 'waiting', ahead, releasedInSeconds: 0 });
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
    const sentence = statusSentence({ kind: 'waiting', ahead: 3, releasedInSeconds });
    assert.equal(sentence, `Your job will be released for grading in ${shown}.`);
  }
});
