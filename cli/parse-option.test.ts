import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidArgumentError } from 'commander';
import { wholeNumber } from './parse-option.ts';

test('wholeNumber() takes whole numbers from the least to the most', () => {
  const parse = wholeNumber({ min: 1, max: 64 });
  assert.equal(parse('1'), 1);
  assert.equal(parse('64'), 64);
});

for (const text of ['0', '65', '-1', '1.5', '1e1', '0x10', ' 2', '2 ', '', 'two', '99999999999999999999'])
  test(`wholeNumber() refuses ${JSON.stringify(text)} with the bounds`, () => {
    assert.throws(
      () => wholeNumber({ min: 1, max: 64 })(text),
      (error) =>
        error instanceof InvalidArgumentError && error.message === 'It must be a whole number from 1 to 64.',
    );
  });
