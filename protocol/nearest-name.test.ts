import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestName, suggestion } from './nearest-name.ts';
import { cpuMsOf } from './testing/cpu-ms.ts';

test('nearestName() finds a name one edit for three characters away, neighbours swapped and case included', () => {
  const names = ['on_complete', 'on_fail', 'label', 'cmd'];
  assert.equal(nearestName('on_compelte', names), 'on_complete');
  assert.equal(nearestName('onFail', names), 'on_fail');
  assert.equal(nearestName('LABEL', names), 'label');
  assert.equal(nearestName('cdm', names), 'cmd');
  assert.equal(nearestName('command', names), null);
  assert.equal(nearestName('', names), null);
});

test('nearestName() does not compare what is too long to be compared quickly', () => {
  const long = 'x'.repeat(100_000);
  const took = cpuMsOf(() => assert.equal(nearestName(long, [`${long}y`, 'x']), null));
  assert.ok(took < 50, `${took} ms`);
});

test('suggestion() is the end of a sentence, or nothing', () => {
  assert.equal(suggestion('tets', ['test']), '; did you mean "test"?');
  assert.equal(suggestion('nope', ['test']), '');
});
