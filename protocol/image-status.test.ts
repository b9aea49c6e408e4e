import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageSentence } from './image-status.ts';

test('imageSentence() says each state in a sentence', () => {
  assert.equal(imageSentence({ kind: 'unknown' }), 'No grader image with this checksum is known.');
  assert.match(imageSentence({ kind: 'queued', ahead: 0 }), /is number 1 in the queue of images/);
  assert.equal(imageSentence({ kind: 'ready' }), 'Your grader image is ready.');
  assert.match(imageSentence({ kind: 'pruned' }), /was put away .* built again when a job names it\.$/);
  assert.equal(
    imageSentence({ kind: 'failed', reason: 'line 3 returned 1.\n' }),
    'Your grader image failed to build: line 3 returned 1.',
  );
  assert.match(imageSentence({ kind: 'failed', reason: '' }), /failed to build: the reason is not known\.$/);
});

test('imageSentence() says for how long an image is being built, and at which step', () => {
  const at = (seconds: number, step: string | null): string =>
    imageSentence({ kind: 'building', seconds, step });
  assert.equal(at(1.9, null), 'Your grader image is being built (for 1 second).');
  assert.equal(
    at(12, 'step 3/7: RUN apt-get install'),
    'Your grader image is being built (for 12 seconds; step 3/7: RUN apt-get install).',
  );
  assert.match(at(119, null), /for 119 seconds/);
  assert.match(at(120, null), /for 2 minutes/);
  assert.match(at(239, null), /for 3 minutes/);
});

test('imageSentence() shows texts from outside cut, on one line, without terminal sequences', () => {
  const long = 'x'.repeat(1000);
  assert.match(imageSentence({ kind: 'building', seconds: 0, step: long }), /; x{79}…\)\.$/);
  assert.match(imageSentence({ kind: 'failed', reason: long }), /: x{299}…\.$/);
  const reason = '\u001b[31ma\u0000\u202e\nb\ud800';
  assert.equal(imageSentence({ kind: 'failed', reason }), 'Your grader image failed to build: a b\ufffd.');
});
