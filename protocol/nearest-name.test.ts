import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
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

test('nearestName() finds what a plain edit distance finds', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 });
  fc.assert(
    fc.property(letters, fc.array(letters, { maxLength: 6 }), (name, candidates) => {
      const editsMax = Math.max(1, Math.min(3, Math.floor(name.length / 3)));
      const edits = candidates.map((candidate) => plainDistance(name, candidate));
      const fewest = Math.min(...edits);
      const expected = fewest <= editsMax ? candidates[edits.indexOf(fewest)] : null;
      assert.equal(nearestName(name, candidates), expected);
    }),
    { numRuns: 3_000 },
  );
});

/** By its definition: the last characters of both are the same, or one of them is one edit. */
function plainDistance(one: string, other: string, known = new Map<string, number>()): number {
  if (one === '' || other === '') return one.length + other.length;
  const key = `${one.length},${other.length}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const rest = (left: number, right: number): number =>
    plainDistance(one.slice(0, one.length - left), other.slice(0, other.length - right), known);
  const choices = [rest(1, 0) + 1, rest(0, 1) + 1, rest(1, 1) + (one.at(-1) === other.at(-1) ? 0 : 1)];
  const isSwap = one.length > 1 && one.at(-1) === other.at(-2) && one.at(-2) === other.at(-1);
  if (isSwap) choices.push(rest(2, 2) + 1);
  const least = Math.min(...choices);
  known.set(key, least);
  return least;
}

test('suggestion() is the end of a sentence, or nothing', () => {
  assert.equal(suggestion('tets', ['test']), '; did you mean "test"?');
  assert.equal(suggestion('nope', ['test']), '');
});
